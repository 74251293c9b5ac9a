/**
 * `-o`: one object after another as YAML, JSON, a name, or through a template. Every command that prints objects has a
 * printer made here; what a command does not know is refused with the list of what it knows.
 *
 * Upstream: staging/src/k8s.io/cli-runtime/pkg/genericclioptions/print_flags.go, printers
 */

import { executeTemplate, parseTemplate, type Template } from '../../std/go-template.ts'
import { goQuote } from '../../std/go-text.ts'
import { goJsonOf, goSyntax, goValue } from '../../std/go-value.ts'
import {
  type FindOptions,
  isProblem,
  type JsonPath,
  parseJsonPath,
  printJsonPath,
  printJsonPathAsJson,
} from '../../std/jsonpath.ts'
import { isList, isMap, type TreeMap, treeAt, withoutKey } from '../../std/tree.ts'
import { formatYaml } from '../../std/yaml.ts'
import { splitGroupVersion } from '../discovery.ts'
import type { Flags, FlagValues } from '../flags.ts'
import { readFile } from '../paths.ts'
import { isRefusal, type Refusal, refuse } from '../refusal.ts'
import { complain, type Session, say } from '../session.ts'
import { formatKyaml } from './kyaml.ts'

export const OUTPUT_FORMATS = [
  'go-template',
  'go-template-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'kyaml',
  'name',
  'template',
  'templatefile',
  'yaml',
] as const

/** The order in which help lists them. */
const LISTED =
  '(json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file)'

export const PRINT_FLAGS: Flags = {
  'allow-missing-template-keys': {
    kind: 'bool',
    default: 'true',
    help: 'Print nothing for fields and keys that a template names and an object lacks. For go-template and jsonpath.',
  },
  output: { kind: 'string', short: 'o', help: `How to print: ${LISTED}.` },
  'show-managed-fields': { kind: 'bool', help: 'Keep metadata.managedFields in JSON and YAML.' },
  template: { kind: 'string', help: 'A template, or the path of one, for -o=go-template and -o=go-template-file.' },
}

/** Prints objects one after another; where it stands is the printer's own. */
export interface Printer {
  readonly print: (object: TreeMap) => Refusal | undefined
}

export interface PrinterOptions {
  /** Objects of a Go type keep the order of their fields in JSON. */
  readonly keepOrder?: boolean
  /** What stands behind a name when nothing else is asked for: `created`. */
  readonly operation?: string
}

const isListObject = (object: TreeMap): boolean => isList(object.items)

const withoutManaged = (object: TreeMap): TreeMap => {
  const items = object.items
  if (isList(items)) return { ...object, items: items.map((item) => (isMap(item) ? withoutManaged(item) : item)) }
  const metadata = object.metadata
  return isMap(metadata) && 'managedFields' in metadata
    ? { ...object, metadata: withoutKey(metadata, 'managedFields') }
    : object
}

/** `deployment.apps/web` */
export function objectName(object: TreeMap): string {
  const { group } = splitGroupVersion(String(object.apiVersion ?? ''))
  const kind = String(object.kind ?? '').toLowerCase()
  const name = treeAt(object, 'metadata', 'name')
  return `${kind || '<unknown>'}${group ? `.${group}` : ''}/${typeof name === 'string' && name !== '' ? name : '<unknown>'}`
}

function namePrinter(session: Session, operation: string): Printer {
  const print = (object: TreeMap): Refusal | undefined => {
    if (isListObject(object)) {
      for (const item of object.items as readonly TreeMap[]) print(item)
      return undefined
    }
    say(session, `${objectName(object)}${operation && ` ${operation}`}\n`)
    return undefined
  }
  return { print }
}

function yamlPrinter(session: Session, keepManaged: boolean): Printer {
  let printed = 0
  return {
    print: (object) => {
      if (printed++ > 0) say(session, '---\n')
      say(session, formatYaml(keepManaged ? object : withoutManaged(object)))
      return undefined
    },
  }
}

const plainPrinter = (session: Session, keepManaged: boolean, text: (object: TreeMap) => string): Printer => ({
  print: (object) => {
    say(session, text(keepManaged ? object : withoutManaged(object)))
    return undefined
  },
})

function jsonPathPrinter(session: Session, path: JsonPath, options: FindOptions, asJson: boolean): Printer {
  return {
    print: (object) => {
      const text = (asJson ? printJsonPathAsJson : printJsonPath)(path, object, options)
      if (!isProblem(text)) {
        say(session, text)
        return undefined
      }
      return refuse(
        `error executing jsonpath ${goQuote(path.template)}: Error executing template: ${text.problem}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${path.template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(object)}\n\n\n`,
      )
    },
  }
}

function templatePrinter(session: Session, template: Template, missingIsError: boolean, keepOrder: boolean): Printer {
  return {
    print: (object) => {
      const { out, problem } = executeTemplate(template, object, missingIsError)
      say(session, out)
      if (problem === undefined) return undefined
      say(
        session,
        `Error executing template: ${problem}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template.source}\n\traw data was:\n\t\t${goJsonOf(object, { keepOrder })}\n\tobject given to template engine was:\n\t\t${goValue(object)}\n\n`,
      )
      return refuse(`error executing template ${goQuote(template.source)}: ${problem}`)
    },
  }
}

const TEMPLATE_FORMATS: Readonly<Record<string, 'jsonpath' | 'json' | 'go'>> = {
  jsonpath: 'jsonpath',
  'jsonpath-file': 'jsonpath',
  'jsonpath-as-json': 'json',
  'go-template': 'go',
  'go-template-file': 'go',
  template: 'go',
  templatefile: 'go',
}

/** `jsonpath={.x}` in its two halves; the template may come from --template. */
export function splitOutput(output: string, template: string): readonly [format: string, argument: string] {
  const equals = output.indexOf('=')
  const format = equals < 0 ? output : output.slice(0, equals)
  return [format, equals < 0 ? template : output.slice(equals + 1)]
}

function templateText(session: Session, format: string, argument: string): string | Refusal {
  if (argument === '') return refuse('template format specified but no template given')
  if (!/file$/.test(format)) return argument
  const content = readFile(session.client, argument)
  if (content === undefined)
    return refuse(`error reading --template ${argument}, open ${argument}: no such file or directory`)
  return typeof content === 'string' ? content : ''
}

function templated(
  session: Session,
  format: string,
  argument: string,
  flags: FlagValues,
  keepOrder: boolean,
): Printer | Refusal {
  const source = templateText(session, format, argument)
  if (isRefusal(source)) return source
  const allowMissingKeys = flags.on('allow-missing-template-keys')
  const language = TEMPLATE_FORMATS[format]!
  if (language === 'go') {
    const template = parseTemplate(source)
    return 'problem' in template
      ? refuse(`error parsing template ${source}, ${template.problem}`)
      : templatePrinter(session, template, !allowMissingKeys, keepOrder)
  }
  const path = parseJsonPath(source)
  if (isProblem(path)) return refuse(`error parsing jsonpath ${source}, ${path.problem}`)
  return jsonPathPrinter(session, path, { allowMissingKeys }, language === 'json')
}

export const unknownFormat = (output: string, formats: readonly string[] = OUTPUT_FORMATS): Refusal =>
  refuse(
    `unable to match a printer suitable for the output format ${goQuote(output)}, allowed formats are: ${[...formats].sort().join(',')}`,
  )

/** The printer that `-o` asks for; without it, names with what was done to them. */
export function printerFor(session: Session, flags: FlagValues, options: PrinterOptions = {}): Printer | Refusal {
  const output = flags.text('output')
  const keepOrder = options.keepOrder ?? false
  const keepManaged = flags.on('show-managed-fields')
  const template = flags.text('template')
  const [format, argument] = splitOutput(output, template)
  if (output === '' && template === '') return namePrinter(session, options.operation ?? '')
  if (output === '') return templated(session, 'go-template', template, flags, keepOrder)
  if (format === output && format === 'name') return namePrinter(session, '')
  if (format === output && format === 'yaml') return yamlPrinter(session, keepManaged)
  if (format === output && format === 'kyaml')
    return plainPrinter(session, keepManaged, (object) => formatKyaml(object, { keepOrder }))
  if (format === output && format === 'json')
    return plainPrinter(session, keepManaged, (object) => `${goJsonOf(object, { indent: '    ', keepOrder })}\n`)
  return format in TEMPLATE_FORMATS ? templated(session, format, argument, flags, keepOrder) : unknownFormat(output)
}

/** `created (dry run)`, `created (server dry run)` */
export const dryRunSuffix = (strategy: DryRun): string =>
  ({ none: '', client: ' (dry run)', server: ' (server dry run)' })[strategy]

export type DryRun = 'none' | 'client' | 'server'

export const DRY_RUN_FLAG: Flags = {
  'dry-run': {
    kind: 'string',
    default: 'none',
    alone: 'unchanged',
    help: 'Must be "none", "server", or "client". Client: only print the object. Server: send it without keeping it.',
  },
}

/** What --dry-run says, with the warnings of its old spellings. */
export function dryRunOf(session: Session, flags: FlagValues): DryRun | Refusal {
  const value = flags.text('dry-run')
  if (value === 'none' || value === 'client' || value === 'server') return value
  if (value === 'unchanged') {
    complain(
      session,
      'W<TIME> <PID> helpers.go:719] --dry-run is deprecated and can be replaced with --dry-run=client.\n',
    )
    return 'client'
  }
  if (/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value)) {
    const on = /^(1|t)/i.test(value)
    complain(
      session,
      `W<TIME> <PID> helpers.go:733] --dry-run=${value} is deprecated (boolean value) and can be replaced with --dry-run=${on ? 'client' : 'none'}.\n`,
    )
    return on ? 'client' : 'none'
  }
  return refuse(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`)
}
