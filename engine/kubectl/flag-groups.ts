/** Flags that many commands share. */
import type { Flags } from './flags.ts'
import { DRY_RUN_FLAG, PRINT_FLAGS } from './printers/output.ts'
import { fieldManagerFlag } from './verbs/create/generator.ts'

export const SELECTOR_FLAG: Flags = {
  selector: {
    kind: 'string',
    short: 'l',
    help: "Only objects with these labels: '=', '==', '!=', 'in', 'notin', names alone.",
  },
}

export const FIELD_SELECTOR_FLAG: Flags = {
  'field-selector': {
    kind: 'string',
    help: "Only objects with these fields: '=', '==' and '!=' of the few that the server indexes.",
  },
}

export const ALL_FLAG: Flags = { all: { kind: 'bool', help: 'All objects of these types in the namespace.' } }

export const ALL_NAMESPACES_FLAG: Flags = {
  'all-namespaces': { kind: 'bool', short: 'A', help: 'In all namespaces.' },
}

export const LOCAL_FLAG: Flags = { local: { kind: 'bool', help: 'Work on the file alone and ask no server.' } }

export const RECORD_FLAG: Flags = {
  record: {
    kind: 'bool',
    help: 'Note this command in an annotation.',
    deprecated: '--record will be removed in the future',
  },
}

export const CHUNK_FLAG: Flags = {
  'chunk-size': { kind: 'int64', default: '500', help: 'How many objects to ask for at a time; 0 for all at once.' },
}

export const SUBRESOURCE_FLAG: Flags = {
  subresource: { kind: 'string', help: 'A part of the object that has a door of its own: status, scale, resize.' },
}

/** What a command that changes objects takes. */
export const changeFlags = (manager: string): Flags => ({
  ...DRY_RUN_FLAG,
  ...fieldManagerFlag(manager),
  ...PRINT_FLAGS,
})
