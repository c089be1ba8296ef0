"""Writes the verdicts of python jsonschema on BFCL's calls: `oracle.py BFCL_DIRECTORY > cases.jsonl`.

In: BFCL's functions and the calls it accepts as answers. Out: one JSON object per line, `{"id", "schema", "arguments",
"valid"}`, ordered so that lines with the same schema follow each other. Each answer (the first possible value of every
argument) comes as it is and changed in every way of `mutations`; each function comes with no arguments at all.
BFCL names types as Python, Java and JavaScript do; they are mapped to JSON Schema 2020-12, and every object with
declared properties refuses others. Nothing is random: the same data gives the same lines.
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator

TYPES = {
    "any": None, "": None,
    "string": "string", "String": "string", "char": "string",
    "integer": "integer", "long": "integer",
    "float": "number", "double": "number",
    "boolean": "boolean", "Boolean": "boolean",
    "array": "array", "tuple": "array", "Array": "array", "ArrayList": "array",
    "dict": "object", "HashMap": "object",
}
KEPT = ("enum", "required", "format", "minimum", "maximum", "minItems", "maxItems")
WRONG = {"string": 7, "integer": "7", "number": "7", "boolean": "true", "array": {}, "object": []}


def schema_of(source):
    """The JSON Schema of one BFCL parameter; an unknown type name stops the run."""
    schema = {key: source[key] for key in KEPT if key in source}
    kind = TYPES[source.get("type", "any")]
    if kind is not None:
        schema["type"] = kind
    if "items" in source:
        schema["items"] = schema_of(source["items"])
    if source.get("properties"):
        schema["properties"] = {name: schema_of(one) for name, one in source["properties"].items()}
        schema["additionalProperties"] = False
    return schema


def functions_of(row):
    for function in row.get("function", []):
        schema = schema_of(function["parameters"])
        schema.setdefault("additionalProperties", False)
        yield function["name"], schema


def value_of(possible):
    """A plain value out of an answer, in which the fields of objects are lists of possible values."""
    if isinstance(possible, dict):
        return arguments_of(possible)
    if isinstance(possible, list):
        return [value_of(one) for one in possible]
    return possible


def arguments_of(answer):
    """The first possible value of every argument; an empty string stands for an argument left out."""
    chosen = {}
    for name, values in answer.items():
        first = values[0] if isinstance(values, list) and values else values
        if first != "":
            chosen[name] = value_of(first)
    return chosen


def replaced(arguments, name, value):
    return {**arguments, name: value}


def mutations(schema, arguments):
    """The call as it is, then changed in one place at a time."""
    yield arguments
    yield replaced(arguments, "argument_nobody_declared", 1)
    for name in sorted(arguments):
        yield {other: value for other, value in arguments.items() if other != name}
        yield replaced(arguments, name, None)
        yield from mutations_of_one(schema["properties"].get(name, {}), arguments, name)


def mutations_of_one(schema, arguments, name):
    kind, value = schema.get("type"), arguments[name]
    if kind in WRONG:
        yield replaced(arguments, name, WRONG[kind])
    if kind in ("integer", "number"):
        for number in (True, 1.0, 1.5, -1):
            yield replaced(arguments, name, number)
    if "enum" in schema:
        yield replaced(arguments, name, "a value nobody declared")
    if kind == "array" and isinstance(value, list):
        wrong = WRONG.get(schema.get("items", {}).get("type"), None)
        yield replaced(arguments, name, value + [wrong])
    if kind == "object" and isinstance(value, dict):
        for inner in mutations(schema, value) if "properties" in schema else ():
            yield replaced(arguments, name, inner)


def rows(path):
    """The rows of a file of JSON lines; BFCL's one file of settings is a plain object and has none."""
    text = path.read_text(encoding="utf-8")
    if text.startswith("{\n"):
        return {}
    return {row["id"]: row for row in map(json.loads, text.splitlines())}


def cases(directory):
    """Every (id, schema, arguments) of every file, doubles left out."""
    seen = set()
    for file in sorted(directory.glob("*.json")):
        answers = directory / "possible_answer" / file.name
        truth = rows(answers) if answers.exists() else {}
        for key, row in rows(file).items():
            expected = truth.get(key, {}).get("ground_truth", [])
            for name, schema in functions_of(row):
                for arguments in calls(schema, name, expected):
                    one = json.dumps([schema, arguments], sort_keys=True)
                    if one not in seen:
                        seen.add(one)
                        yield key, schema, arguments


def calls(schema, name, expected):
    yield {}
    for call in expected:
        if isinstance(call, dict) and name in call and "properties" in schema:
            yield from mutations(schema, arguments_of(call[name]))


def main():
    total = valid = 0
    last, validator = None, None
    for key, schema, arguments in cases(pathlib.Path(sys.argv[1])):
        if schema is not last:
            Draft202012Validator.check_schema(schema)
            last, validator = schema, Draft202012Validator(schema)
        verdict = validator.is_valid(arguments)
        total, valid = total + 1, valid + verdict
        line = {"id": key, "schema": schema, "arguments": arguments, "valid": verdict}
        print(json.dumps(line, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
    print(f"{total} calls: {valid} valid, {total - valid} not", file=sys.stderr)
    if valid < 1000 or total - valid < 1000:
        sys.exit("fewer than 1,000 valid or invalid calls: the data is not what it was")


main()
