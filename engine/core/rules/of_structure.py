"""What the shape of a diagram may not be."""

from __future__ import annotations

from engine.core.rules.words import Words

RULES: dict[str, Words] = {
    "not-executable": Words(
        "Processen är inte markerad som körbar.",
        "Kryssa i Executable i processens egenskaper.",
        "The process is not marked as executable.",
        "Tick Executable in the properties of the process.",
    ),
    "unseen-marks": Words(
        "Namnet har tecken som inte syns eller vänder på texten: {what!a}.",
        "Radera namnet och skriv det igen.",
        "The name has characters that are not seen or that turn the text: {what!a}.",
        "Delete the name and write it again.",
    ),
    "no-start": Words(
        "Här finns ingen starthändelse.",
        "Rita en starthändelse.",
        "There is no start event here.",
        "Draw a start event.",
    ),
    "several-starts": Words(
        "Här finns flera starthändelser, och det går inte att veta vilken som gäller.",
        "Behåll en utan händelsetyp. Andra vägar in i processen är meddelanden.",
        "There are several start events here, and no way to know which one holds.",
        "Keep one without an event type. Other ways into the process are messages.",
    ),
    "flow-crosses-border": Words(
        "Flödet går över kanten på en delprocess.",
        "Låt delprocessen sluta med en sluthändelse, och dra flödet från delprocessens kant.",
        "The flow crosses the border of a sub-process.",
        "Let the sub-process end in an end event, and draw the flow from its border.",
    ),
    "start-with-incoming": Words(
        "Ett flöde går in i starthändelsen.",
        "Dra flödet till en grind efter starten.",
        "A flow enters the start event.",
        "Draw the flow to a gateway after the start.",
    ),
    "start-without-flow": Words(
        "Inget flöde går ut från starthändelsen.",
        "Dra ett flöde till det första steget.",
        "No flow leaves the start event.",
        "Draw a flow to the first step.",
    ),
    "boundary-with-incoming": Words(
        "Ett flöde går in i en händelse på en kant.",
        "Ta bort flödet: händelsen väntar av sig själv.",
        "A flow enters an event on a border.",
        "Remove the flow: the event waits by itself.",
    ),
    "boundary-without-flow": Words(
        "Inget flöde går ut från händelsen på kanten.",
        "Dra ett flöde till det som ska göras.",
        "No flow leaves the event on the border.",
        "Draw a flow to what is to be done.",
    ),
    "end-with-outgoing": Words(
        "Ett flöde går ut från sluthändelsen.",
        "Ta bort flödet, eller gör händelsen till en mellanliggande händelse.",
        "A flow leaves the end event.",
        "Remove the flow, or make it an intermediate event.",
    ),
    "event-sub-process-in-flow": Words(
        "Ett flöde går in i eller ut från en händelsestyrd delprocess.",
        "Ta bort flödet: delprocessen startas av sin händelse.",
        "A flow enters or leaves an event sub-process.",
        "Remove the flow: the sub-process is started by its event.",
    ),
    "event-sub-process-many": Words(
        "En händelsestyrd delprocess kan inte ha flera instanser.",
        "Ta bort markören, och lägg den på en aktivitet inuti.",
        "An event sub-process cannot be multi-instance.",
        "Remove the marker, and put it on an activity inside.",
    ),
    "unreachable": Words(
        "Inget flöde leder hit.",
        "Dra ett flöde hit, eller ta bort elementet.",
        "No flow leads here.",
        "Draw a flow to it, or remove the element.",
    ),
    "endless": Words(
        "Härifrån leder ingen väg till ett slut.",
        "Dra ett flöde som leder till en sluthändelse.",
        "No road leads from here to an end.",
        "Draw a flow that leads to an end event.",
    ),
    "empty-loop": Words(
        "Flödena går i en ring utan att något görs.",
        "Lägg ett steg i ringen, eller dra om ett flöde.",
        "The flows go in a ring in which nothing is done.",
        "Put a step into the ring, or draw a flow elsewhere.",
    ),
    "default-not-outgoing": Words(
        "Standardflödet {flow} går inte ut härifrån.",
        "Välj ett av flödena härifrån som standard.",
        "The default flow {flow} does not leave here.",
        "Choose one of the flows out of here as default.",
    ),
    "default-with-condition": Words(
        "Standardflödet har ett villkor, som aldrig prövas.",
        "Ta bort villkoret, eller välj ett annat flöde som standard.",
        "The default flow has a condition, which is never asked.",
        "Remove the condition, or choose another flow as default.",
    ),
    "condition-not-asked": Words(
        "Villkoret prövas aldrig: flödet går inte ut från en grind som väljer, eller från en uppgift.",
        "Ta bort villkoret, eller lägg en grind med en fråga här.",
        "The condition is never asked: the flow does not leave a gateway that chooses, or a task.",
        "Remove the condition, or put a gateway with a question here.",
    ),
    "missing-condition": Words(
        "Flödet saknar villkor och är inte standard.",
        "Skriv när vägen gäller, eller gör flödet till standard.",
        "The flow has no condition and is not the default.",
        "Write when this road holds, or make the flow the default.",
    ),
    "lone-condition": Words(
        "Grinden har bara en väg ut, och den har ett villkor: när villkoret inte gäller står ärendet still.",
        "Ta bort villkoret, eller rita den andra vägen.",
        "The gateway has only one way out, with a condition: when it is not true the case stands still.",
        "Remove the condition, or draw the other road.",
    ),
    "inclusive-in-loop": Words(
        "En inkluderande grind står i en ring av flöden.",
        "Använd parallella grenar, eller en fråga med flera svar.",
        "An inclusive gateway stands in a loop of flows.",
        "Use parallel branches, or one question with several answers.",
    ),
    "event-gateway-alone": Words(
        "Grinden som väntar på händelser har färre än två att välja mellan.",
        "Rita minst två händelser efter grinden.",
        "The event gateway has fewer than two to choose between.",
        "Draw at least two events after the gateway.",
    ),
    "event-gateway-target": Words(
        "Efter en händelsegrind får bara stå händelser som väntar på meddelande, tid eller signal.",
        "Sätt en väntande händelse direkt efter grinden.",
        "Only events that wait for a message, a time or a signal may follow an event gateway.",
        "Put a catching event right after the gateway.",
    ),
    "event-gateway-shared": Words(
        "Händelsen efter händelsegrinden nås också av ett annat flöde.",
        "Låt bara grindens flöde leda hit.",
        "The event after the event gateway is also reached by another flow.",
        "Let only the gateway's flow lead here.",
    ),
    "event-place": Words(
        "En händelse av slaget {kind} kan inte stå här.",
        "Välj en annan typ av händelse, eller flytta den.",
        "An event of the kind {kind} cannot stand here.",
        "Choose another type of event, or move it.",
    ),
    "error-must-interrupt": Words(
        "Ett fel avbryter alltid.",
        "Gör händelsen avbrytande.",
        "An error always interrupts.",
        "Make the event interrupting.",
    ),
    "event-unnamed": Words(
        "Det saknas vilket meddelande, vilken signal, länk eller felkod som menas ({kind}).",
        "Välj eller skapa det i egenskapspanelen.",
        "It is not said which message, signal, link or error code is meant ({kind}).",
        "Choose or create it in the properties panel.",
    ),
    "start-key": Words(
        "Startmeddelandet saknar startKey: samma meddelande två gånger skulle ge två ärenden.",
        "Lägg till egenskapen startKey, till exempel ${{externalRef}}.",
        "The start message has no startKey: the same message twice would start two cases.",
        "Add the property startKey, for example ${{externalRef}}.",
    ),
    "correlation-key": Words(
        "Det sägs inte vilket ärende meddelandet hör till.",
        "Lägg till egenskapen correlationKey, till exempel ${{externalRef}}, eller broadcast om alla ska få det.",
        "It is not said which case the message belongs to.",
        "Add the property correlationKey, for example ${{externalRef}}, or broadcast if all are to have it.",
    ),
    "cycle-place": Words(
        "En upprepad tid hörs bara en gång här.",
        "Gör händelsen icke avbrytande, eller ange ett datum eller en tidslängd.",
        "A repeated time is heard only once here.",
        "Make the event non-interrupting, or give a date or a duration.",
    ),
    "bad-timer": Words(
        "Tiden {text} går inte att använda: {reason}",
        "Skriv en namngiven tidpunkt, som ${{deadline.internalDue}}, eller en rimlig tidslängd, som P3M.",
        "The time {text} cannot be used: {reason_en}",
        "Write a named deadline, as ${{deadline.internalDue}}, or a sensible duration, as P3M.",
    ),
    "boundary-host": Words(
        "Händelsen sitter inte på en aktivitet på samma nivå.",
        "Dra händelsen till kanten på den aktivitet som den gäller.",
        "The event does not sit on an activity of the same level.",
        "Drag the event to the border of the activity it concerns.",
    ),
    "boundary-never-fires": Words(
        "Händelsen kan aldrig inträffa på {host}.",
        "Sätt den på en aktivitet som väntar, eller på en delprocess eller ett anrop som kan ge händelsen.",
        "The event can never happen on {host}.",
        "Put it on an activity that waits, or on a sub-process or call that can throw it.",
    ),
    "link-pair": Words(
        "Länken har inte exakt en motpart, eller ett flöde på fel sida.",
        "Ge länkarna samma namn på samma nivå: många får leda till en.",
        "The link does not have exactly one other end, or has a flow on the wrong side.",
        "Give the links the same name on the same level: many may lead to one.",
    ),
    "error-uncaught": Words(
        "Felet {code} fångas inte någonstans, så ärendet stannar där.",
        "Sätt en felhändelse på delprocessens kant, eller sluta med ett utfall.",
        "The error {code} is caught nowhere, so the case stops there.",
        "Put an error event on the border of the sub-process, or end with an outcome.",
    ),
}
