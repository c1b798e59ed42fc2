"""What a form may not ask."""

from __future__ import annotations

from engine.core.rules.words import Words

RULES: dict[str, Words] = {
    "field-twice": Words(
        "Två fält heter {field}.",
        "Ge varje fält ett eget id.",
        "Two fields are called {field}.",
        "Give each field an id of its own.",
    ),
    "rows-column": Words(
        "Fältet {field} hör till raderna {rows}, men id:t börjar inte med {rows}_.",
        "Döp fältet till {rows}_ följt av kolumnens namn.",
        "The field {field} belongs to the rows {rows}, but its id does not begin with {rows}_.",
        "Name the field {rows}_ followed by the name of the column.",
    ),
    "rows-missing": Words(
        "Fältet {field} har en egenskap för rader men hör inte till några.",
        "Lägg till egenskapen rows, eller ta bort requiredInRow och minRows.",
        "The field {field} has a property for rows but belongs to none.",
        "Add the property rows, or remove requiredInRow and minRows.",
    ),
    "field-type": Words(
        "Fältet {field} har typen {type}, som inte finns.",
        "Välj string, long, double, boolean, date eller enum.",
        "The field {field} has the type {type}, which does not exist.",
        "Choose string, long, double, boolean, date or enum.",
    ),
    "field-label": Words(
        "Fältet {field} saknar rubrik.",
        "Skriv en rubrik på svenska.",
        "The field {field} has no label.",
        "Write a label in Swedish.",
    ),
    "field-constraint": Words(
        "Fältet {field} har kravet {what}, som inte finns.",
        "Använd required, readonly, min, max, minlength eller maxlength.",
        "The field {field} has the constraint {what}, which does not exist.",
        "Use required, readonly, min, max, minlength or maxlength.",
    ),
    "field-constraint-type": Words(
        "Kravet {what} passar inte på fältet {field} av typen {type}.",
        "Ta bort kravet, eller byt typ.",
        "The constraint {what} does not fit the field {field} of type {type}.",
        "Remove the constraint, or change the type.",
    ),
    "field-constraint-value": Words(
        "Kravet {what} på fältet {field} kan inte vara {value}.",
        "Rätta värdet.",
        "The constraint {what} of the field {field} cannot be {value}.",
        "Correct the value.",
    ),
    "field-limits": Words(
        "Fältet {field} kan aldrig besvaras: minst {low} men högst {high}.",
        "Rätta gränserna.",
        "The field {field} can never be answered: at least {low} but at most {high}.",
        "Correct the limits.",
    ),
    "choices-without-enum": Words(
        "Fältet {field} har svarsalternativ men är inte av typen enum.",
        "Byt typ till enum, eller ta bort alternativen.",
        "The field {field} has choices but is not of type enum.",
        "Change the type to enum, or remove the choices.",
    ),
    "no-choices": Words(
        "Fältet {field} har inga svarsalternativ.",
        "Lägg till minst ett alternativ.",
        "The field {field} has no choices.",
        "Add at least one choice.",
    ),
    "choice-twice": Words(
        "Alternativet {choice} i fältet {field} finns två gånger, eller saknar id.",
        "Ge varje alternativ ett eget id.",
        "The choice {choice} of the field {field} is there twice, or has no id.",
        "Give each choice an id of its own.",
    ),
    "choice-nameless": Words(
        "Alternativet {choice} i fältet {field} saknar namn.",
        "Skriv alternativets namn på svenska.",
        "The choice {choice} of the field {field} has no name.",
        "Write the name of the choice in Swedish.",
    ),
    "bad-default": Words(
        "Förvalet {value} går inte i fältet {field}.",
        "Rätta förvalet: ett värde av fältets typ, eller ett av alternativens id.",
        "The default {value} does not fit the field {field}.",
        "Correct the default: a value of the field's type, or the id of one of its choices.",
    ),
    "field-property-unknown": Words(
        "Egenskapen {what} finns inte för fält ({field}).",
        "Rätta namnet, eller ta bort egenskapen.",
        "The property {what} does not exist for fields ({field}).",
        "Correct the name, or remove the property.",
    ),
    "field-property": Words(
        'Egenskapen {what} på fältet {field} kan inte vara "{value}".',
        "Rätta värdet enligt modelleringsguiden.",
        'The property {what} of the field {field} cannot be "{value}".',
        "Correct the value by the modelling guide.",
    ),
    "field-combination": Words(
        "Egenskapen {what} passar inte ihop med det övriga på fältet {field}.",
        "rule kräver ruleText, roles kräver picker, deadline och maxDate kräver ett datumfält, övriga ett textfält.",
        "The property {what} does not fit the rest of the field {field}.",
        "rule needs ruleText, roles needs picker, deadline and maxDate need a date field, others a text field.",
    ),
}
