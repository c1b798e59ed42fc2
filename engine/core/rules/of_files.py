"""What a file may not hold, and names that lead nowhere."""

from __future__ import annotations

from engine.core.rules.words import Words

RULES: dict[str, Words] = {
    # The file
    "xml-doctype": Words(
        "Filen har en DOCTYPE (DOCTYPE not allowed).",
        "Ta bort raden som börjar med <!DOCTYPE och spara filen från modelleraren.",
        "DOCTYPE not allowed.",
        "Remove the line that begins with <!DOCTYPE and save the file from the modeler.",
    ),
    "xml-size": Words(
        "Filen är större än {detail} byte.",
        "Dela upp processen i delar, en fil var.",
        "The file is larger than {detail} bytes.",
        "Split the process into parts, one file each.",
    ),
    "xml-depth": Words(
        "Filen är nästlad djupare än {detail} nivåer.",
        "Lägg det innersta i en egen process som anropas.",
        "The file is nested deeper than {detail} levels.",
        "Put the innermost part into a process of its own and call it.",
    ),
    "xml-syntax": Words(
        "Filen är inte giltig XML: {detail}",
        "Öppna filen i modelleraren och spara den på nytt.",
        "The file is not well-formed XML: {detail}",
        "Open the file in the modeler and save it again.",
    ),
    "not-bpmn": Words(
        "Filen är inte en BPMN-fil: den börjar med {what}.",
        "Spara diagrammet som BPMN 2.0 från modelleraren.",
        "The file is not a BPMN file: it begins with {what}.",
        "Save the diagram as BPMN 2.0 from the modeler.",
    ),
    "no-process": Words(
        "Filen har ingen process.",
        "Rita en process i filen.",
        "The file holds no process.",
        "Draw a process in the file.",
    ),
    "several-processes": Words(
        "Filen har mer än en process.",
        "Lägg varje process i en egen fil och anropa den med en anropsaktivitet.",
        "The file holds more than one process.",
        "Put each process in a file of its own and call it with a call activity.",
    ),
    "too-many-elements": Words(
        "Processen har fler än {limit} element och flöden.",
        "Dela upp processen i delar.",
        "The process has more than {limit} elements and flows.",
        "Split the process into parts.",
    ),
    "bad-coordinates": Words(
        "Elementets läge i bilden går inte att läsa.",
        "Flytta elementet i modelleraren och spara filen på nytt.",
        "The element's place in the picture cannot be read.",
        "Move the element in the modeler and save the file again.",
    ),
    # What a file may hold
    "unknown-element": Words(
        "{what} är inget som Kunskapsflöde kör på den här platsen.",
        "Ta bort det, eller rita det med de element som modelleringsguiden nämner.",
        "{what} is nothing that Kunskapsflöde runs in this place.",
        "Remove it, or draw it with the elements that the modelling guide names.",
    ),
    "unknown-attribute": Words(
        'Inställningen {what}="{value}" är inget som Kunskapsflöde följer på den här platsen.',
        "Ta bort inställningen i egenskapspanelen.",
        'The setting {what}="{value}" is nothing that Kunskapsflöde honours in this place.',
        "Remove the setting in the properties panel.",
    ),
    "bad-boolean": Words(
        '{what} ska vara true eller false, inte "{value}".',
        "Kryssa i eller ur rutan i egenskapspanelen.",
        '{what} must be true or false, not "{value}".',
        "Tick or untick the box in the properties panel.",
    ),
    "given-twice": Words(
        "{what} står mer än en gång, och bara en av dem kan gälla.",
        "Behåll en och ta bort de andra.",
        "{what} stands more than once, and only one of them can hold.",
        "Keep one and remove the others.",
    ),
    "complex-gateway": Words(
        "Komplexa grindar körs inte.",
        "Använd en fråga med flera svar, eller parallella grenar.",
        "Complex gateways are not run.",
        "Use one question with several answers, or parallel branches.",
    ),
    "ad-hoc": Words(
        "Ad hoc-delprocesser körs inte.",
        "Rita stegen i ordning, eller parallellt.",
        "Ad-hoc sub-processes are not run.",
        "Draw the steps in order, or in parallel.",
    ),
    "transaction": Words(
        "Transaktioner och avbrottshändelser körs inte.",
        "Använd en vanlig delprocess med en felhändelse på ramen.",
        "Transactions and cancel events are not run.",
        "Use an ordinary sub-process with an error event on its border.",
    ),
    "compensation": Words(
        "Kompensation körs inte.",
        "Rita det som ska göras i stället som vanliga steg.",
        "Compensation is not run.",
        "Draw what is to be done instead as ordinary steps.",
    ),
    "conditional-event": Words(
        "Villkorshändelser körs inte.",
        "Vänta på ett meddelande eller en tid, eller fråga i en grind.",
        "Conditional events are not run.",
        "Wait for a message or a time, or ask in a gateway.",
    ),
    "standard-loop": Words(
        "Loopmarkören (varv i samma ruta) körs inte.",
        "Rita varvet med en grind och ett flöde tillbaka, eller använd flera instanser.",
        "The standard loop marker is not run.",
        "Draw the loop with a gateway and a flow back, or use multi-instance.",
    ),
    "message-flow": Words(
        "Meddelandeflöden mellan pooler körs inte.",
        "Använd meddelandehändelser med samma namn.",
        "Message flows between pools are not run.",
        "Use message events with the same name.",
    ),
    "outside-pool": Words(
        "Poolen hör inte till filens process.",
        "Ta bort poolen. En utomstående part visas genom meddelandets namn.",
        "The pool does not belong to the file's process.",
        "Remove the pool. An outside party shows in the name of the message.",
    ),
    "group": Words(
        "Grupper kör ingenting.",
        "Ta bort gruppen, eller gör den till en del som anropas.",
        "Groups run nothing.",
        "Remove the group, or make it a part that is called.",
    ),
    "data": Words(
        "Dataobjekt och datalager ({what}) kör ingenting.",
        "Ta bort det. Data skrivs i formulär, tabeller och mappningar.",
        "Data objects and stores ({what}) run nothing.",
        "Remove it. Data is written in forms, tables and mappings.",
    ),
    "loop-data": Words(
        "Flera instanser med {what} körs inte.",
        "Ange samlingen och elementvariabeln i modellerarens fält Collection och Element variable.",
        "Multi-instance with {what} is not run.",
        "Give the collection and element variable in the modeler's fields of those names.",
    ),
    "resource-role": Words(
        "{what} används inte för att hitta personer.",
        "Skriv rollen i Candidate groups, eller personen i Assignee.",
        "{what} is not used to find people.",
        "Write the role in Candidate groups, or the person in Assignee.",
    ),
    "import": Words(
        "Filen hänvisar till en annan fil.",
        "Anropa den andra processen med en anropsaktivitet.",
        "The file imports another file.",
        "Call the other process with a call activity.",
    ),
    "choreography": Words(
        "{what} körs inte.",
        "Rita en process.",
        "{what} is not run.",
        "Draw a process.",
    ),
    "listener": Words(
        "Lyssnare körs inte.",
        "Ta bort lyssnaren. Det som ska hända ritas, eller sägs med en egenskap.",
        "Listeners are not run.",
        "Remove the listener. What is to happen is drawn, or said with a property.",
    ),
    "java": Words(
        "{what} pekar på programkod utanför diagrammet.",
        "Välj External och ett känt topic, eller gör det i en beslutstabell.",
        "{what} points to code outside the diagram.",
        "Choose External and a known topic, or do it in a decision table.",
    ),
    "nested-value": Words(
        "En parameter får bara vara ett uttryck, inte {what}.",
        "Skriv värdet som ett uttryck.",
        "A parameter may only be an expression, not {what}.",
        "Write the value as an expression.",
    ),
    "quantity": Words(
        '{what}="{value}" körs inte.',
        "Ta bort inställningen. Använd flera instanser om något ska göras flera gånger.",
        '{what}="{value}" is not run.',
        "Remove the setting. Use multi-instance if something is to be done several times.",
    ),
    "multi-instance-behavior": Words(
        'Inställningen behavior="{value}" på flera instanser körs inte.',
        "Ta bort den. Använd ett villkor för tidigt slut.",
        'The setting behavior="{value}" on a multi-instance is not run.',
        "Remove it. Use a completion condition.",
    ),
    "several-events": Words(
        "Händelsen har mer än en händelsetyp.",
        "Rita en händelse för varje sak.",
        "The event has more than one event definition.",
        "Draw one event for each thing.",
    ),
    "instantiating": Words(
        '{what}="{value}" körs inte.',
        "Starta processen med en starthändelse.",
        '{what}="{value}" is not run.',
        "Start the process with a start event.",
    ),
    "candidate-users": Words(
        "Uppgifter riktas inte till uppräknade användare.",
        "Skriv en roll i Candidate groups, eller personen som ärendet har utsett i Assignee.",
        "Tasks are not aimed at listed users.",
        "Write a role in Candidate groups, or the person that the case has named in Assignee.",
    ),
    "foreign-form": Words(
        "Formuläret {value} finns utanför diagrammet.",
        "Välj Generated task forms och lägg fälten i uppgiften.",
        "The form {value} lies outside the diagram.",
        "Choose Generated task forms and put the fields in the task.",
    ),
    "job": Words(
        '{what}="{value}" betyder inget här: varje steg sparas ändå för sig.',
        "Ta bort inställningen.",
        '{what}="{value}" means nothing here: every step is saved on its own anyway.',
        "Remove the setting.",
    ),
    "call-all-variables": Words(
        "Anropet skickar alla variabler.",
        "Skriv en rad för varje variabel som delen behöver, och en för varje den ger tillbaka.",
        "The call passes all variables.",
        "Write one line for each variable that the part needs, and one for each it gives back.",
    ),
    "call-business-key": Words(
        'businessKey="{value}" används inte: delen körs i samma ärende.',
        "Ta bort raden.",
        'businessKey="{value}" is not used: the part runs in the same case.',
        "Remove the line.",
    ),
    "call-mapping": Words(
        "Raden till {what} ska ha antingen en variabel eller ett uttryck.",
        "Fyll i Source eller Source expression, inte båda, och Target.",
        "The line to {what} must have either a variable or an expression.",
        "Fill in Source or Source expression, not both, and Target.",
    ),
    # Names and references
    "duplicate-id": Words(
        "Id {id} finns på {times} element.",
        "Ge varje element ett eget id.",
        "The id {id} is on {times} elements.",
        "Give each element an id of its own.",
    ),
    "no-id": Words(
        "Ett element ({kind}) saknar id.",
        "Ge elementet ett id som säger vad det är: Task_GiveView.",
        "An element ({kind}) has no id.",
        "Give the element an id that says what it is: Task_GiveView.",
    ),
    "dangling-reference": Words(
        "Här nämns {id}, som inte finns i processen.",
        "Ta bort hänvisningen, eller dra flödet på nytt i modelleraren.",
        "This names {id}, which is not in the process.",
        "Remove the reference, or draw the flow again in the modeler.",
    ),
    "nameless": Words(
        "Meddelandet, signalen eller felet saknar {what}.",
        "Fyll i {what} i egenskapspanelen.",
        "The message, signal or error has no {what}.",
        "Fill in {what} in the properties panel.",
    ),
    "timer-missing": Words(
        "Tiden ska anges på ett enda sätt: datum, tidslängd eller upprepning.",
        "Skriv till exempel ${{deadline.internalDue}} som datum.",
        "The time must be given in exactly one way: date, duration or cycle.",
        "Write for example ${{deadline.internalDue}} as a date.",
    ),
    "script-language": Words(
        "Språket {language} körs inte.",
        "Skriv uttrycket i Kunskapsflödes språk och lämna språket tomt (eller python).",
        "The language {language} is not run.",
        "Write the expression in the language of Kunskapsflöde and leave the language empty (or python).",
    ),
}
