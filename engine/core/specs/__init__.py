"""What each BPMN element does with a token: SpiffWorkflow's specs, with right behaviour where theirs is wrong."""
