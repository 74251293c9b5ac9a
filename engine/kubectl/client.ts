/**
 * What kubectl needs from the world around it: a server that answers at once, files, and the environment it was
 * started in. A terminal of the simulation lends one, and so does a replay. Requests have the shape of HTTP, because
 * that is what the real kubectl sends and what the recordings list.
 */
import type { Millis } from '../std/time.ts'

/** Names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>> & { readonly accept?: string }

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Without the query: `/api/v1/namespaces/default/pods`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: RequestHeaders
  /** A JSON value. */
  readonly body?: unknown
  /** The address in the kubeconfig, `https://172.18.0.2:6443`. */
  readonly server: string
  readonly credentials: Credentials
}

/** Who the kubeconfig says we are. */
export interface Credentials {
  /** The name of the user in the kubeconfig; empty when it has none. */
  readonly user: string
  readonly token?: string
  readonly username?: string
  readonly password?: string
  readonly clientCertificate?: string
}

export interface HttpResponse {
  /** 0 when nothing answered; `body` is then the network's reason as text. */
  readonly code: number
  /** A JSON value, or text. A watch answers with what has happened until now: `{ events: [{ type, object }] }`. */
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly warnings?: readonly string[]
}

/** A text, or bytes that are not UTF-8. */
export type FileContent = string | readonly number[]

export interface Files {
  readonly read: (path: string) => FileContent | undefined
  readonly write: (path: string, content: string) => void
  /** Names in a directory, in order; undefined if it is none. */
  readonly list: (path: string) => readonly string[] | undefined
  readonly remove: (path: string) => void
}

/*
 * Streams have no HTTP of their own here. `exec` is a POST with the words of the command in the query, separated by NUL, and
 * `{ stdin, stream? }` as its body; the answer is `{ stdout, stderr, code?, stream? }`, without a code while it runs on. A log that
 * is followed answers all of its text so far, with the header `x-stream-ended: true` when no more will come.
 */

/** What another program answered. */
export interface Ran {
  readonly out: string
  readonly err: string
  readonly code: number
}

export interface Client {
  /** The world's time, and the same instant since 1970. */
  readonly now: Millis
  readonly nowUnix: Millis
  readonly send: (request: HttpRequest) => HttpResponse
  readonly files: Files
  readonly env: Readonly<Record<string, string>>
  readonly workingDirectory: string
  readonly stdin?: FileContent
  /** Standard input and output are a person. */
  readonly isTerminal?: boolean
  /** Runs another program at the same terminal: an editor, `diff`, a plugin. Undefined: there is no such program. */
  readonly run?: (argv: readonly string[]) => Ran | undefined
  /** Names of programs on the PATH, with where they are, for plugins. */
  readonly programs?: () => readonly string[]
}
