"""What tasks, calls, people and expressions may not be."""

from __future__ import annotations

from engine.core.rules.words import Words

RULES: dict[str, Words] = {
    "no-topic": Words(
        "Det sägs inte vad steget gör.",
        "Välj External och ett känt topic, till exempel registerInDiary.",
        "It is not said what the step does.",
        "Choose External and a known topic, for example registerInDiary.",
    ),
    "service-type": Words(
        "Steget ska vara External med ett topic, och inget annat.",
        "Välj Implementation: External i egenskapspanelen.",
        "The step must be External with a topic, and nothing else.",
        "Choose Implementation: External in the properties panel.",
    ),
    "unknown-topic": Words(
        "Ingenting är kopplat till {topic}.",
        "Använd ett topic som finns, eller gör steget till en uppgift.",
        "Nothing is connected to {topic}.",
        "Use a topic that exists, or make the step a user task.",
    ),
    "unknown-input": Words(
        "{topic} tar inte emot {name}.",
        "Ta bort raden, eller rätta namnet.",
        "{topic} takes no {name}.",
        "Remove the line, or correct the name.",
    ),
    "no-decision": Words(
        "Det sägs inte vilken beslutstabell som gäller.",
        "Välj DMN och skriv tabellens id i Decision reference.",
        "It is not said which decision table is meant.",
        "Choose DMN and write the table's id in Decision reference.",
    ),
    "missing-decision": Words(
        "Beslutstabellen {decision} finns inte.",
        "Lägg tabellens fil i samma mapp, eller rätta id:t.",
        "The decision table {decision} is missing.",
        "Put the table's file in the same folder, or correct the id.",
    ),
    "decision-result": Words(
        "Svaret från beslutstabellen tas inte om hand.",
        "Ange Result variable och Map decision result: singleResult, singleEntry, collectEntries, resultList.",
        "The answer of the decision table is not kept.",
        "Give Result variable and Map decision result: singleResult, singleEntry, collectEntries, resultList.",
    ),
    "bad-decision": Words(
        "Beslutstabellen {decision} kan inte användas: {reason}",
        "Rätta tabellen. En cell är ett DMN-test eller ett uttryck i samma språk som diagrammets.",
        "The decision table {decision} cannot be used: {reason}",
        "Correct the table. A cell is a DMN unary test or an expression in the diagram's own language.",
    ),
    "empty-script": Words(
        "Skriptet är tomt.",
        "Skriv minst en tilldelning, eller ta bort steget.",
        "The script is empty.",
        "Write at least one assignment, or remove the step.",
    ),
    "many-over-what": Words(
        "Flera instanser ska gälla antingen en samling eller ett antal.",
        "Fyll i Collection (och Element variable) eller Loop cardinality, inte båda.",
        "A multi-instance must be over either a collection or a number.",
        "Fill in Collection (and Element variable) or Loop cardinality, not both.",
    ),
    "bad-cardinality": Words(
        "Antalet {number} går inte: det ska vara mellan 0 och {most}.",
        "Rätta antalet, eller använd en samling.",
        "The number {number} is not possible: it must be between 0 and {most}.",
        "Correct the number, or use a collection.",
    ),
    "no-called": Words(
        "Anropet säger inte vilken process det gäller.",
        "Skriv processens id i Called element.",
        "The call does not say which process.",
        "Write the id of the process in Called element.",
    ),
    "self-call": Words(
        "Processen anropar sig själv.",
        "Rita en ring av flöden i stället.",
        "The process calls itself.",
        "Draw a loop of flows instead.",
    ),
    "missing-process": Words(
        "Processen {process} finns inte.",
        "Lägg processens fil i samma mapp, eller rätta id:t.",
        "The process {process} is missing.",
        "Put the file of the process in the same folder, or correct the id.",
    ),
    "called-without-start": Words(
        "{process} går inte att anropa: den har ingen starthändelse utan händelsetyp.",
        "Rita en vanlig starthändelse i den anropade processen.",
        "{process} cannot be called: it has no start event without an event type.",
        "Draw a plain start event in the called process.",
    ),
    "call-cycle": Words(
        "Anropen går i en ring utan att något väntar: {processes}.",
        "Ta bort ett anrop, eller lägg en uppgift före det.",
        "The calls go in a ring in which nothing waits: {processes}.",
        "Remove a call, or put a task before it.",
    ),
    "calls-too-deep": Words(
        "Anropen går djupare än {most} nivåer.",
        "Slå ihop delar.",
        "The calls go deeper than {most} levels.",
        "Join parts.",
    ),
    "bad-name": Words(
        "{variable} kan inte vara ett namn här: det är reserverat, eller inget namn i uttryck.",
        "Välj ett engelskt namn med små och stora bokstäver, som leadUserId.",
        "{variable} cannot be a name here: it is reserved, or no name in expressions.",
        "Choose an English name in camelCase, as leadUserId.",
    ),
    "bad-expression": Words(
        "Uttrycket {expression} går inte att använda. {reason}",
        "Rätta uttrycket.",
        "The expression {expression} cannot be used. (In Swedish: {reason})",
        "Correct the expression.",
    ),
    "wrong-type": Words(
        "Uttrycket {expression} passar inte ihop med sina värden. {reason}",
        "Rätta uttrycket, eller fältets typ.",
        "The expression {expression} does not fit its values. (In Swedish: {reason})",
        "Correct the expression, or the type of the field.",
    ),
    "unknown-variable": Words(
        "Variabeln {name} sätts ingenstans i processen: {expression}",
        "Rätta namnet, sätt det i ett formulär eller en tabell, eller ta emot det i anropet.",
        "The variable {name} is set nowhere in the process: {expression}",
        "Correct the name, set it in a form or a table, or take it in by the call.",
    ),
    "unknown-function": Words(
        "Funktionen {name} finns inte: {expression}",
        "Använd en av kalenderns eller organisationens funktioner.",
        "The function {name} does not exist: {expression}",
        "Use one of the functions of the calendar or the organisation.",
    ),
    "unknown-deadline": Words(
        "Tidpunkten {of}.{name} finns inte: {expression}",
        "Rätta namnet, eller sätt tidpunkten i en beslutstabell eller ett datumfält.",
        "The deadline {of}.{name} does not exist: {expression}",
        "Correct the name, or set the deadline in a decision table or a date field.",
    ),
    "unknown-region-key": Words(
        "Regionens profil har inget {name}: {expression}",
        "Rätta namnet, eller lägg till det i profilen.",
        "The region's profile has no {name}: {expression}",
        "Correct the name, or add it to the profile.",
    ),
    "unknown-case-key": Words(
        "Ärendet har inget {name}: {expression}",
        "Rätta namnet.",
        "A case has no {name}: {expression}",
        "Correct the name.",
    ),
    "unknown-field": Words(
        "{of} har inget {name}: {expression}",
        "Rätta namnet.",
        "{of} has no {name}: {expression}",
        "Correct the name.",
    ),
    "unknown-role": Words(
        "Rollen {role} finns inte.",
        "Använd en roll ur rollistan, med programområde efter @ där det behövs.",
        "The role {role} does not exist.",
        "Use a role from the list of roles, with a programme area after @ where needed.",
    ),
    "literal-person": Words(
        "Uppgiften är riktad till en bestämd person: {person}.",
        "Låt ärendet utse personen, som ${{leadUserId}}, eller skriv en roll.",
        "The task is aimed at a fixed person: {person}.",
        "Let the case name the person, as ${{leadUserId}}, or write a role.",
    ),
    "unknown-property": Words(
        "Egenskapen {what} finns inte för det här elementet.",
        "Rätta namnet, eller ta bort egenskapen.",
        "The property {what} does not exist for this element.",
        "Correct the name, or remove the property.",
    ),
    "bad-property": Words(
        "{what} kan inte vara {value}.",
        "Rätta värdet enligt modelleringsguiden.",
        "{what} cannot be {value}.",
        "Correct the value by the modelling guide.",
    ),
    "undo": Words(
        "Egenskapen undo kan inte vara {value}: {reason}",
        "Skriv hur länge den som svarat får ångra sig, som PT10M. Längst är ett dygn, P1D.",
        "The property undo cannot be {value}: {reason_en}",
        "Write for how long whoever answers may take the answer back, as PT10M. The longest is a day, P1D.",
    ),
    "unknown-template": Words(
        "Brevmallen {template} finns inte bland texterna.",
        "Skriv mallen i en fil i mappen texts, eller rätta namnet.",
        "The mail template {template} is not among the texts.",
        "Write the template in a file in the folder texts, or correct the name.",
    ),
    "four-eyes": Words(
        "fourEyes nämner {task}, som inte är en annan uppgift i processen.",
        "Skriv id för en uppgift som en person gör tidigare i samma process.",
        "fourEyes names {task}, which is not another task of the process.",
        "Write the id of a task that a person does earlier in the same process.",
    ),
}
