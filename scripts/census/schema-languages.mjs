// The ways in which this project has said what a value may be, and by what code each is known. A
// language is counted in the files that declare something in it, not in those that read the types
// it makes; each marker is one that a file cannot use the language without.

/** @type {readonly { name: string, marker: RegExp }[]} */
export const SCHEMA_LANGUAGES = [
  { name: 'zod', marker: /from 'zod'/ },
  {
    name: "fields of an operation's arguments (addressField, countField ...)",
    marker: /\b(?:address|count|size)Field\(/,
  },
  {
    name: "kinds of a service's arguments (ArgSpec)",
    marker: /\bArgSpec\b|\bargs: \{[^}]*'(?:address|count)\??'/,
  },
  { name: 'JSON Schema of a device (fieldsSchema)', marker: /\bconst fieldsSchema\b/ },
  { name: "kinds of a recording's fields (FIELD_KINDS)", marker: /\bFieldKind\b|\bFIELD_KINDS\b/ },
  {
    name: "fields of a table in a string (keyed('mms', 'id', '...'))",
    marker: /\b(?:keyed|extents?)\('[a-z_]+', '[^']*'/,
  },
  {
    name: "specs of a model's registers and regions (interface RegisterSpec)",
    marker: /\binterface RegisterSpec\b/,
  },
  {
    name: 'declared fields of a table (functions of field.ts)',
    marker: /^import (?!type\b)[^;]*\bfrom '[^']*\/field\.ts'/m,
  },
];
