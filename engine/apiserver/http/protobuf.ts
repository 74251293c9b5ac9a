/**
 * Bodies in protobuf: four letters that say so, an envelope with version and kind, and the object in it. kubectl and every controller
 * written in Go sends built-in kinds this way; the same pipeline as JSON takes the value from here.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/runtime/serializer/protobuf/protobuf.go
 * Left out: the envelope's own content type and encoding, which nobody sets.
 */
import type { Draft } from '../../api/object.ts'
import type { TypeName } from '../../api/schema.ts'
import { hasType, kindOfObject, splitGroupVersion } from '../../api/schema-table.ts'
import { readTyped, writeTyped } from './protobuf-message.ts'
import { byteList, bytesOfText, readMessage, textOfBytes, type WireMessage, writeField } from './protobuf-wire.ts'

export const MAGIC = 'k8s\0'

const NO_MAGIC = 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'

export type ReadProtobuf =
  | { readonly value: Draft }
  /** With what the envelope says, where it says something. */
  | { readonly problem: string; readonly apiVersion?: string; readonly kind?: string }

/** The type of an object of this kind, whether it is served or only sent; undefined for what has no protobuf form. */
export function typeOfKind(apiVersion: string, kind: string): TypeName | undefined {
  const served = kindOfObject(apiVersion, kind)
  if (served) return served.type
  const [version, group] = splitGroupVersion(apiVersion)
  const own = `${group.split('.')[0] || 'core'}.${version}.${kind}`
  return [own, `meta.v1.${kind}`].find(hasType)
}

const piece = (message: WireMessage, number: number): string => {
  const found = 'fields' in message ? message.fields.findLast((field) => field.number === number)?.value : undefined
  return found && 'bytes' in found ? found.bytes : ''
}

/** `bytes`: one character a byte. */
export function readProtobuf(bytes: string): ReadProtobuf {
  if (!bytes.startsWith(MAGIC)) return { problem: NO_MAGIC }
  const envelope = readMessage(bytes.slice(MAGIC.length))
  if ('problem' in envelope) return envelope
  const head = readMessage(piece(envelope, 1))
  const [apiVersion, kind] = [textOfBytes(piece(head, 1)) ?? '', textOfBytes(piece(head, 2)) ?? '']
  const type = typeOfKind(apiVersion, kind)
  if (!type) return { problem: `no kind "${kind}" is registered for version "${apiVersion}"`, apiVersion, kind }
  const read = readTyped(type, piece(envelope, 2))
  return 'problem' in read ? { ...read, apiVersion, kind } : { value: { apiVersion, kind, ...(read.value as Draft) } }
}

const SUMMARY_LENGTH = 30

/** The beginning of a body, as errors show it. */
export function summaryOfBytes(bytes: string): string {
  if (bytes === '') return '<empty>'
  const digits = byteList(bytes.slice(0, SUMMARY_LENGTH)).map((byte) => byte.toString(16).padStart(2, '0'))
  return `${digits.join('')}${bytes.length > SUMMARY_LENGTH ? ' ...' : ''}`
}

const LIST = /^(.+)List$/

/** A list of a kind: its metadata, then each object. */
function writeList(apiVersion: string, kind: string, { metadata, items }: Draft): string | undefined {
  const type = typeOfKind(apiVersion, LIST.exec(kind)?.[1] ?? '')
  if (!type || !Array.isArray(items)) return undefined
  const head = writeField({ number: 1, value: { bytes: writeTyped('meta.v1.ListMeta', metadata as Draft) } })
  return head + items.map((item) => writeField({ number: 2, value: { bytes: writeTyped(type, item) } })).join('')
}

/** The object in its envelope; undefined for what has no protobuf form: tables, custom resources. */
export function writeProtobuf(object: Draft): string | undefined {
  const { apiVersion, kind } = object as { readonly apiVersion?: string; readonly kind?: string }
  if (!apiVersion || !kind) return undefined
  const type = typeOfKind(apiVersion, kind)
  const raw = type ? writeTyped(type, object) : writeList(apiVersion, kind, object)
  if (raw === undefined) return undefined
  const text = (number: number, value: string) => writeField({ number, value: { bytes: bytesOfText(value) } })
  const head = writeField({ number: 1, value: { bytes: text(1, apiVersion) + text(2, kind) } })
  return MAGIC + head + writeField({ number: 2, value: { bytes: raw } }) + text(3, '') + text(4, '')
}

/** The length of a frame in four bytes, most first. */
const frameLength = (length: number): string =>
  String.fromCharCode((length >>> 24) & 255, (length >>> 16) & 255, (length >>> 8) & 255, length & 255)

/** An event of a watch as one frame of its stream; undefined when its object has no protobuf form. */
export function writeWatchFrame(type: string, object: Draft): string | undefined {
  const raw = writeProtobuf(object)
  if (raw === undefined) return undefined
  const extension = writeField({ number: 1, value: { bytes: raw } })
  const event =
    writeField({ number: 1, value: { bytes: type } }) + writeField({ number: 2, value: { bytes: extension } })
  return frameLength(event.length) + event
}
