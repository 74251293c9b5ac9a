/** A link that carries what was done: compressed, in the part of the address that is never sent to a server. */
import type { Shared } from '../../../engine/cluster/history.ts'

const MARK = '#s='

async function through(bytes: BlobPart, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer())
}

function base64Url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0))
}

export async function linkFor(shared: Shared, page: string): Promise<string> {
  const bytes = await through(JSON.stringify(shared), new CompressionStream('deflate-raw'))
  return page.replace(/#.*$/, '') + MARK + base64Url(bytes)
}

async function unpacked(text: string): Promise<string> {
  try {
    return new TextDecoder().decode(await through(bytesOf(text), new DecompressionStream('deflate-raw')))
  } catch {
    return ''
  }
}

/** What the address carries, still to be read by the engine: undefined when nothing, empty when it was cut. */
export async function linkedIn(address: string): Promise<string | undefined> {
  const at = address.indexOf(MARK)
  return at < 0 ? undefined : unpacked(address.slice(at + MARK.length))
}
