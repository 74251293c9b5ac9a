/** The images of the recorder, under well-known names: scenario inputs. What they run is in the catalogue of programs. */
import { digestOf, type RegistryImage } from '../../../engine/machine/runtime/image-content.ts'

type Content = Omit<RegistryImage, 'repository' | 'tags' | 'digest' | 'sizeBytes'>

const SERVER = [{ path: '/app', program: 'switchable-server' }] as const
const WEB: Content = { command: ['/app', 'web'], executables: SERVER, shell: true }
const SHELL: Content = { command: ['sh'], shell: true }

const image = (repository: string, tag: string, content: Content, like = `${repository}:${tag}`): RegistryImage => ({
  ...content,
  repository: `docker.io/${repository}`,
  tags: [tag],
  digest: digestOf(like),
  sizeBytes: 6_704_374,
  pullMillis: content.pullMillis ?? 300,
})

const nginx = (tag: string) => image('library/nginx', tag, { ...WEB, environment: [['NGINX_VERSION', tag]] })

const slow = (tag: number) => image('library/slow', String(tag), { ...WEB, pullMillis: 40_000 })

export const RECORDER_IMAGES: readonly RegistryImage[] = [
  ...['1.36', 'latest', '1.35'].map((tag) => image('library/busybox', tag, SHELL, 'busybox')),
  image('library/alpine', '3.20', SHELL, 'busybox'),
  image('library/nonroot', '1', { ...WEB, user: '1000' }),
  image('library/named-user', '1', { ...WEB, user: 'app' }),
  image('library/entry', '1', {
    entrypoint: ['/bin/echo', 'entrypoint'],
    command: ['cmd'],
    workingDirectory: '/tmp',
    environment: [['FROM_IMAGE', 'yes']],
    shell: true,
  }),
  image('library/volume', '1', { ...SHELL, volumes: ['/data'] }),
  image('library/stopsignal', '1', {
    command: ['/app', 'signals'],
    executables: SERVER,
    shell: true,
    stopSignal: 'SIGUSR1',
  }),
  image('private/app', '1', { ...WEB, account: { username: 'puller', password: 'secret' } }),
  ...['1.25', '1.26', '1.27', 'latest'].map(nginx),
  ...[1, 2, 3, 4, 5, 6].map(slow),
]
