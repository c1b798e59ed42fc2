"""Cases: the list, one case, its drawing and its round."""
