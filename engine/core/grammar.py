"""What a process file may contain, as tables: element by element, attribute by attribute.

`auditing` walks a whole file against them, so that nothing in it is dropped in silence: what `reading` does not read is
named here as refused.
"""

from __future__ import annotations

from engine.core import model


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ACTIVITIES = frozenset(f"bpmn:{kind}" for kind in model.ACTIVITIES)
GATEWAYS = frozenset(f"bpmn:{kind}" for kind in model.GATEWAYS)
EVENTS = frozenset(f"bpmn:{kind}" for kind in model.EVENTS)
NODES = ACTIVITIES | GATEWAYS | EVENTS
EVENT_DEFINITIONS = {
    f"bpmn:{kind}EventDefinition": kind
    for kind in _words("message timer signal error escalation link terminate conditional compensate cancel")
}

_DOCUMENTED = "bpmn:documentation bpmn:extensionElements"
_NODE = f"{_DOCUMENTED} bpmn:incoming bpmn:outgoing"
_ACTIVITY = f"{_NODE} bpmn:multiInstanceLoopCharacteristics"
_ARTIFACTS = "bpmn:textAnnotation bpmn:association"
_FLOW = f"bpmn:sequenceFlow {_ARTIFACTS} {' '.join(sorted(NODES))}"

CHILDREN: dict[str, frozenset[str]] = {
    tag: frozenset(children.split())
    for tag, children in (
        dict.fromkeys(ACTIVITIES, _ACTIVITY)
        | dict.fromkeys(GATEWAYS, _NODE)
        | {tag: f"{_NODE} {' '.join(EVENT_DEFINITIONS)}" for tag in EVENTS}
        | dict.fromkeys(EVENT_DEFINITIONS, _DOCUMENTED)
        | {
            "bpmn:definitions": (
                f"{_DOCUMENTED} bpmn:process bpmn:collaboration bpmn:message bpmn:signal bpmn:error bpmn:escalation "
                "bpmndi:BPMNDiagram"
            ),
            "bpmn:collaboration": f"{_DOCUMENTED} bpmn:participant {_ARTIFACTS}",
            "bpmn:participant": _DOCUMENTED,
            "bpmn:process": f"{_DOCUMENTED} bpmn:laneSet {_FLOW}",
            "bpmn:subProcess": f"{_ACTIVITY} {_FLOW}",
            "bpmn:scriptTask": f"{_ACTIVITY} bpmn:script",
            "bpmn:laneSet": f"{_DOCUMENTED} bpmn:lane",
            "bpmn:lane": f"{_DOCUMENTED} bpmn:flowNodeRef bpmn:childLaneSet",
            "bpmn:childLaneSet": f"{_DOCUMENTED} bpmn:lane",
            "bpmn:sequenceFlow": f"{_DOCUMENTED} bpmn:conditionExpression",
            "bpmn:multiInstanceLoopCharacteristics": (f"{_DOCUMENTED} bpmn:loopCardinality bpmn:completionCondition"),
            "bpmn:timerEventDefinition": f"{_DOCUMENTED} bpmn:timeDate bpmn:timeDuration bpmn:timeCycle",
            "bpmn:textAnnotation": f"{_DOCUMENTED} bpmn:text",
            "bpmn:association": _DOCUMENTED,
            "bpmn:message": _DOCUMENTED,
            "bpmn:signal": _DOCUMENTED,
            "bpmn:error": _DOCUMENTED,
            "bpmn:escalation": _DOCUMENTED,
            "camunda:formData": "camunda:formField",
            "camunda:formField": "camunda:properties camunda:validation camunda:value",
            "camunda:validation": "camunda:constraint",
            "camunda:properties": "camunda:property",
            "camunda:inputOutput": "camunda:inputParameter camunda:outputParameter",
        }
    ).items()
}
"""What may stand inside what. Tags that are not here hold text only."""

_PEOPLE = "camunda:formData camunda:properties camunda:inputOutput"
_WORK = "camunda:properties camunda:inputOutput"
EXTENSIONS: dict[str, frozenset[str]] = {
    tag: frozenset(children.split())
    for tag, children in {
        "bpmn:process": "camunda:properties",
        "bpmn:task": _PEOPLE,
        "bpmn:userTask": _PEOPLE,
        "bpmn:manualTask": _PEOPLE,
        "bpmn:serviceTask": _WORK,
        "bpmn:sendTask": _WORK,
        "bpmn:receiveTask": _WORK,
        "bpmn:businessRuleTask": _WORK,
        "bpmn:scriptTask": _WORK,
        "bpmn:subProcess": _WORK,
        "bpmn:callActivity": "camunda:properties camunda:in camunda:out",
        "bpmn:startEvent": _PEOPLE,
        "bpmn:endEvent": _WORK,
        "bpmn:intermediateCatchEvent": _WORK,
        "bpmn:intermediateThrowEvent": _WORK,
        "bpmn:boundaryEvent": _WORK,
    }.items()
}
"""What may stand in the extensionElements of what."""

_PERSON_TASK = "camunda:candidateGroups camunda:assignee camunda:dueDate camunda:followUpDate camunda:priority"
ATTRIBUTES: dict[str, frozenset[str]] = {
    tag: frozenset(f"id name {names}".split())
    for tag, names in {
        "bpmn:process": "isExecutable camunda:candidateStarterGroups camunda:versionTag",
        "bpmn:participant": "processRef",
        "bpmn:lane": "",
        "bpmn:task": f"default {_PERSON_TASK}",
        "bpmn:userTask": f"default {_PERSON_TASK}",
        "bpmn:manualTask": f"default {_PERSON_TASK}",
        "bpmn:serviceTask": "default camunda:type camunda:topic",
        "bpmn:sendTask": "default messageRef camunda:type camunda:topic",
        "bpmn:receiveTask": "default messageRef",
        "bpmn:scriptTask": "default scriptFormat",
        "bpmn:businessRuleTask": "default camunda:decisionRef camunda:resultVariable camunda:mapDecisionResult",
        "bpmn:callActivity": "default calledElement",
        "bpmn:subProcess": "default triggeredByEvent",
        "bpmn:exclusiveGateway": "default",
        "bpmn:inclusiveGateway": "default",
        "bpmn:parallelGateway": "",
        "bpmn:eventBasedGateway": "",
        "bpmn:startEvent": "isInterrupting",
        "bpmn:endEvent": "",
        "bpmn:intermediateCatchEvent": "",
        "bpmn:intermediateThrowEvent": "",
        "bpmn:boundaryEvent": "attachedToRef cancelActivity",
        "bpmn:sequenceFlow": "sourceRef targetRef",
        "bpmn:association": "sourceRef targetRef associationDirection",
        "bpmn:textAnnotation": "textFormat",
        "bpmn:documentation": "textFormat",
        "bpmn:conditionExpression": "xsi:type language",
        "bpmn:loopCardinality": "xsi:type language",
        "bpmn:completionCondition": "xsi:type language",
        "bpmn:timeDate": "xsi:type language",
        "bpmn:timeDuration": "xsi:type language",
        "bpmn:timeCycle": "xsi:type language",
        "bpmn:multiInstanceLoopCharacteristics": "isSequential camunda:collection camunda:elementVariable",
        "bpmn:messageEventDefinition": "messageRef",
        "bpmn:signalEventDefinition": "signalRef",
        "bpmn:errorEventDefinition": "errorRef",
        "bpmn:escalationEventDefinition": "escalationRef",
        "bpmn:error": "errorCode",
        "bpmn:escalation": "escalationCode",
        "camunda:formField": "label type defaultValue",
        "camunda:constraint": "config",
        "camunda:property": "value",
        "camunda:in": "source sourceExpression target",
        "camunda:out": "source sourceExpression target",
    }.items()
}
"""Attributes by element; `id` and `name` may stand everywhere."""
ID_AND_NAME = frozenset(("id", "name"))

HARMLESS: dict[str, frozenset[str]] = {
    "isForCompensation": frozenset(("false",)),
    "startQuantity": frozenset(("1",)),
    "completionQuantity": frozenset(("1",)),
    "behavior": frozenset(("All",)),
    "parallelMultiple": frozenset(("false",)),
    "instantiate": frozenset(("false",)),
    "eventGatewayType": frozenset(("Exclusive",)),
    "isClosed": frozenset(("false",)),
    "processType": frozenset(("None", "Private", "Public")),
    "gatewayDirection": frozenset(("Unspecified", "Converging", "Diverging", "Mixed")),
    "implementation": frozenset(("##unspecified", "##WebService")),
    "camunda:calledElementBinding": frozenset(("latest",)),
    "camunda:decisionRefBinding": frozenset(("latest",)),
    "camunda:asyncBefore": frozenset(("false",)),
    "camunda:asyncAfter": frozenset(("false",)),
    "camunda:exclusive": frozenset(("true",)),
}
"""Attributes that may stand anywhere with a value that says what is so anyway."""

LANGUAGE_ATTRIBUTES = _words("language scriptFormat")
OUR_LANGUAGE = frozenset(("", "python"))

SINGLE = _words(
    "bpmn:extensionElements bpmn:conditionExpression bpmn:multiInstanceLoopCharacteristics "
    "bpmn:script bpmn:laneSet bpmn:childLaneSet bpmn:loopCardinality bpmn:completionCondition "
    "bpmn:collaboration camunda:formData camunda:properties camunda:validation "
    "camunda:inputOutput"
)
"""Elements of which one parent has at most one."""

NAMED_ONCE = {
    "camunda:property": ("id", "name"),
    "camunda:constraint": ("name",),
    "camunda:inputParameter": ("name",),
    "camunda:outputParameter": ("name",),
    "camunda:in": ("target",),
    "camunda:out": ("target",),
}
"""Elements that one parent may have many of, each with a name of its own."""

BOOLEANS = _words("isExecutable isSequential isInterrupting cancelActivity triggeredByEvent")

REFUSED_TAGS = {
    "bpmn:complexGateway": "complex-gateway",
    "bpmn:adHocSubProcess": "ad-hoc",
    "bpmn:transaction": "transaction",
    "bpmn:standardLoopCharacteristics": "standard-loop",
    "bpmn:conditionalEventDefinition": "conditional-event",
    "bpmn:compensateEventDefinition": "compensation",
    "bpmn:cancelEventDefinition": "transaction",
    "bpmn:messageFlow": "message-flow",
    "bpmn:group": "group",
    "bpmn:dataObject": "data",
    "bpmn:dataObjectReference": "data",
    "bpmn:dataStore": "data",
    "bpmn:dataStoreReference": "data",
    "bpmn:dataInputAssociation": "data",
    "bpmn:dataOutputAssociation": "data",
    "bpmn:ioSpecification": "data",
    "bpmn:property": "data",
    "bpmn:itemDefinition": "data",
    "bpmn:loopDataInputRef": "loop-data",
    "bpmn:loopDataOutputRef": "loop-data",
    "bpmn:inputDataItem": "loop-data",
    "bpmn:outputDataItem": "loop-data",
    "bpmn:potentialOwner": "resource-role",
    "bpmn:humanPerformer": "resource-role",
    "bpmn:performer": "resource-role",
    "bpmn:resourceRole": "resource-role",
    "bpmn:import": "import",
    "bpmn:choreography": "choreography",
    "bpmn:globalTask": "choreography",
    "camunda:executionListener": "listener",
    "camunda:taskListener": "listener",
    "camunda:connector": "java",
    "camunda:field": "java",
    "camunda:script": "nested-value",
    "camunda:list": "nested-value",
    "camunda:map": "nested-value",
}
"""Elements with words of their own; all others are `unknown-element`."""

REFUSED_ATTRIBUTES = {
    "isForCompensation": "compensation",
    "startQuantity": "quantity",
    "completionQuantity": "quantity",
    "behavior": "multi-instance-behavior",
    "parallelMultiple": "several-events",
    "instantiate": "instantiating",
    "eventGatewayType": "instantiating",
    "camunda:class": "java",
    "camunda:delegateExpression": "java",
    "camunda:expression": "java",
    "camunda:variableMappingClass": "java",
    "camunda:variableMappingDelegateExpression": "java",
    "camunda:resource": "java",
    "camunda:candidateUsers": "candidate-users",
    "camunda:formKey": "foreign-form",
    "camunda:formRef": "foreign-form",
    "camunda:asyncBefore": "job",
    "camunda:asyncAfter": "job",
    "camunda:exclusive": "job",
    "camunda:jobPriority": "job",
    "variables": "call-all-variables",
    "businessKey": "call-business-key",
}
"""Attributes with words of their own; all others are `unknown-attribute`."""

SEEN = NODES | _words(
    "bpmn:process bpmn:participant bpmn:collaboration bpmn:lane bpmn:sequenceFlow bpmn:message "
    "bpmn:signal bpmn:error bpmn:escalation bpmn:textAnnotation bpmn:association "
    "bpmn:complexGateway bpmn:adHocSubProcess bpmn:transaction bpmn:group bpmn:messageFlow "
    "bpmn:dataObject bpmn:dataObjectReference bpmn:dataStore bpmn:dataStoreReference"
)
"""Elements that a designer sees, by which a finding about something inside them is named."""
