/** What is inside an image, as far as it matters here: what it runs, as whom, with which files, and what it weighs. */
import { drawing } from '../../std/draw.ts'
import type { Millis } from '../../std/time.ts'

export interface Executable {
  readonly path: string
  /** A key of the catalogue of programs. */
  readonly program: string
}

export interface ImageContent {
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly environment?: readonly (readonly [name: string, value: string])[]
  /** `1000`, `app`, `65535:65535` */
  readonly user?: string
  readonly workingDirectory?: string
  readonly stopSignal?: 'SIGTERM' | 'SIGQUIT' | 'SIGINT' | 'SIGUSR1'
  /** Paths that are volumes of the container's own. */
  readonly volumes?: readonly string[]
  /** Beside the shell's. */
  readonly executables?: readonly Executable[]
  /** Whether there is a shell with the usual small programs. */
  readonly shell: boolean
  /** Files over the usual ones. */
  readonly files?: Readonly<Record<string, string>>
}

export interface RegistryImage extends ImageContent {
  /** `docker.io/library/nginx` */
  readonly repository: string
  readonly tags: readonly string[]
  readonly digest: string
  readonly sizeBytes: number
  /** Who may fetch it; everyone when absent. */
  readonly account?: { readonly username: string; readonly password: string }
  /** How long fetching it takes; by its size when absent. */
  readonly pullMillis?: Millis
}

/** Sixty-four hexadecimal digits that only depend on `text`. */
export function digestOf(text: string): string {
  const draw = drawing(0)
  let digits = ''
  for (let i = 0; i < 16; i++)
    digits += Math.floor(draw(text, i) * 0x10000)
      .toString(16)
      .padStart(4, '0')
  return `sha256:${digits}`
}
