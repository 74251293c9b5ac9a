/**
 * The public images that this simulation knows: those that documentation, tutorials and this course use. Sizes are about those of
 * the real ones; digests are made up, because what is inside is ours.
 */
import { digestOf, type ImageContent, type RegistryImage } from './image-content.ts'

const MB = 1_000_000

interface Known extends ImageContent {
  readonly tags: readonly string[]
  readonly megabytes: number
}

const SHELL: ImageContent = { command: ['sh'], shell: true }

const withShell = (tags: readonly string[], megabytes: number, command: readonly string[] = ['sh']): Known => ({
  ...SHELL,
  command,
  tags,
  megabytes,
})

/** An image whose one program is run by default and serves. */
const server = (
  program: string,
  path: string,
  tags: readonly string[],
  megabytes: number,
  more: Partial<Known> = {},
): Known => ({
  entrypoint: [path],
  executables: [{ path, program }],
  shell: true,
  tags,
  megabytes,
  ...more,
})

const NGINX_TAGS = [
  'latest',
  'alpine',
  '1.14',
  '1.14.0',
  '1.14.1',
  '1.14.2',
  '1.15',
  '1.16',
  '1.16.0',
  '1.16.1',
  '1.17',
  '1.19',
  '1.21',
  '1.23',
  '1.24',
  '1.25',
  '1.26',
  '1.27',
  '1.27-alpine',
  '1.28',
  '1.29',
  'stable',
  'mainline',
  '1.7.9',
  '1.9.1',
]

const nginx = (tags: readonly string[], megabytes: number): Known => ({
  entrypoint: ['/docker-entrypoint.sh'],
  command: ['nginx', '-g', 'daemon off;'],
  executables: [
    { path: '/docker-entrypoint.sh', program: 'nginx' },
    { path: '/usr/sbin/nginx', program: 'nginx' },
  ],
  environment: [['NGINX_VERSION', '1.29.1']],
  stopSignal: 'SIGQUIT',
  shell: true,
  tags,
  megabytes,
})

const redis = (tags: readonly string[], megabytes: number): Known => ({
  entrypoint: ['docker-entrypoint.sh'],
  command: ['redis-server'],
  executables: [
    { path: '/usr/local/bin/docker-entrypoint.sh', program: 'redis' },
    { path: '/usr/local/bin/redis-server', program: 'redis' },
    { path: '/usr/local/bin/redis-cli', program: 'redis-cli' },
  ],
  workingDirectory: '/data',
  volumes: ['/data'],
  shell: true,
  tags,
  megabytes,
})

const agnhost = (tags: readonly string[]): Known => ({
  entrypoint: ['/agnhost'],
  command: ['pause'],
  executables: [{ path: '/agnhost', program: 'agnhost' }],
  shell: true,
  tags,
  megabytes: 53,
})

const pause = (tags: readonly string[]): Known => ({
  entrypoint: ['/pause'],
  executables: [{ path: '/pause', program: 'pause' }],
  user: '65535:65535',
  shell: false,
  tags,
  megabytes: 0.3,
})

const BUSYBOX_TAGS = [
  'latest',
  '1',
  '1.24',
  '1.27.2',
  '1.28',
  '1.31',
  '1.34',
  '1.35',
  '1.36',
  '1.36.1',
  '1.37',
  'stable',
  'glibc',
  'musl',
]

const hello = (tags: readonly string[]): Known => server('hello-app', '/hello-app', tags, 5, { shell: false })

const TABLE: Readonly<Record<string, readonly Known[]>> = {
  'docker.io/library/nginx': [nginx(NGINX_TAGS, 72)],
  'registry.k8s.io/nginx-slim': [nginx(['0.8', '0.21', '0.24', '0.27'], 45)],
  'docker.io/library/httpd': [
    server('httpd', '/usr/local/bin/httpd-foreground', ['latest', '2.4', '2.4-alpine', '2.4.53-alpine', '2'], 58),
  ],
  'docker.io/library/busybox': [withShell(BUSYBOX_TAGS, 2.2)],
  'registry.k8s.io/busybox': [withShell(['latest', '1.27', '1.27.2', '1.24'], 0.7)],
  'registry.k8s.io/e2e-test-images/busybox': [withShell(['1.29', '1.29-2', '1.29-4', '1.36.1-1'], 1.1)],
  'docker.io/radial/busyboxplus': [withShell(['curl', 'latest'], 4)],
  'docker.io/curlimages/curl': [withShell(['latest', '8.10.1'], 9)],
  'docker.io/library/alpine': [withShell(['latest', '3', '3.18', '3.19', '3.20', '3.21', '3.22'], 3.6, ['/bin/sh'])],
  'docker.io/library/debian': [
    withShell(['latest', 'stable', 'stable-slim', 'bookworm', 'bookworm-slim', 'trixie'], 49, ['bash']),
  ],
  'docker.io/library/ubuntu': [withShell(['latest', '20.04', '22.04', '24.04'], 29, ['/bin/bash'])],
  'docker.io/library/fedora': [withShell(['latest', '41', '42'], 58, ['/bin/bash'])],
  'docker.io/library/centos': [withShell(['latest', '7', '8'], 76, ['/bin/bash'])],
  'docker.io/library/bash': [withShell(['latest', '5', '5.2'], 6, ['bash'])],
  'docker.io/library/python': [withShell(['latest', '3', '3.12', '3.13', '3.12-slim', '3-alpine'], 360, ['python3'])],
  'docker.io/library/redis': [
    redis(
      ['latest', '5', '5.0.4', '6', '6.0.5', '6.2', '7', '7.2', '7.4', '8', 'alpine', '7-alpine', '6.2-alpine'],
      45,
    ),
  ],
  'registry.k8s.io/redis': [redis(['e2e', 'latest', 'v1'], 155)],
  'docker.io/library/mysql': [
    server('mysql', '/usr/sbin/mysqld', ['latest', '5.6', '5.7', '8', '8.0', '8.4', '9'], 230),
  ],
  'docker.io/library/mariadb': [server('mysql', '/usr/sbin/mariadbd', ['latest', '10.11', '11'], 120)],
  'docker.io/library/postgres': [
    server('postgres', '/usr/local/bin/postgres', ['latest', '13', '14', '15', '16', '17', '16-alpine'], 150),
  ],
  'docker.io/library/mongo': [server('mongo', '/usr/bin/mongod', ['latest', '4.2', '4.4', '6', '7', '8'], 250)],
  'docker.io/library/rabbitmq': [
    server('rabbitmq', '/opt/rabbitmq/sbin/rabbitmq-server', ['latest', '3', '3-management', '4'], 95),
  ],
  'docker.io/library/memcached': [server('memcached', '/usr/local/bin/memcached', ['latest', '1.6', '1.6-alpine'], 31)],
  'docker.io/library/wordpress': [
    server('httpd', '/usr/local/bin/apache2-foreground', ['latest', '6', '6.2.1-apache', '4.8-apache'], 210),
  ],
  'docker.io/hashicorp/http-echo': [server('http-echo', '/http-echo', ['latest', '0.2.3', '1.0'], 4, { shell: false })],
  'docker.io/traefik/whoami': [server('hello-app', '/whoami', ['latest', 'v1.10', 'v1.11'], 3, { shell: false })],
  'gcr.io/google-samples/hello-app': [hello(['1.0', '2.0'])],
  'us-docker.pkg.dev/google-samples/containers/gke/hello-app': [hello(['1.0', '2.0'])],
  'gcr.io/google-samples/hello-go-gke': [hello(['1.0'])],
  'gcr.io/google-samples/hello-frontend': [nginx(['1.0'], 45)],
  'registry.k8s.io/serve_hostname': [
    server('serve-hostname', '/serve_hostname', ['latest', '1.1', 'v1.4'], 6, { shell: false }),
  ],
  'registry.k8s.io/hpa-example': [server('httpd', '/usr/local/bin/apache2-foreground', ['latest'], 180)],
  'registry.k8s.io/echoserver': [server('hello-app', '/echoserver', ['1.4', '1.10'], 46)],
  'us-docker.pkg.dev/google-samples/containers/gke/gb-frontend': [
    server('guestbook-frontend', '/usr/local/bin/apache2-foreground', ['v4', 'v5'], 165),
  ],
  'gcr.io/google-samples/gb-frontend': [
    server('guestbook-frontend', '/usr/local/bin/apache2-foreground', ['v3', 'v4', 'v5'], 165),
  ],
  'us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower': [
    server('redis-follower', '/usr/local/bin/run.sh', ['v1', 'v2'], 105),
  ],
  'gcr.io/google_samples/gb-redis-follower': [server('redis-follower', '/usr/local/bin/run.sh', ['v1', 'v2'], 105)],
  'registry.k8s.io/e2e-test-images/agnhost': [
    agnhost(['2.21', '2.39', '2.40', '2.43', '2.45', '2.47', '2.52', '2.53', '2.56']),
  ],
  'registry.k8s.io/liveness': [{ ...agnhost(['latest', '0.1']), command: ['liveness'] }],
  'registry.k8s.io/coredns/coredns': [
    server('coredns', '/coredns', ['v1.12.1', 'v1.13.1', 'v1.14.0'], 22, { shell: false }),
  ],
  'registry.k8s.io/pause': [pause(['latest', '2.0', '3.1', '3.2', '3.5', '3.6', '3.8', '3.9', '3.10', '3.10.2'])],
  'docker.io/polinux/stress': [server('stress', '/usr/local/bin/stress', ['latest', '1.0.4'], 4)],
  'docker.io/vish/stress': [server('stress', '/stress', ['latest'], 2, { entrypoint: ['/stress', '-logtostderr'] })],
  'docker.io/kubefold/crash': [server('crash', '/crash', ['latest', '1'], 1)],
}

const imageOf = (repository: string, { tags, megabytes, ...content }: Known): RegistryImage => ({
  ...content,
  repository,
  tags,
  digest: digestOf(`${repository}:${tags[0]}`),
  sizeBytes: Math.round(megabytes * MB),
})

/** One tag is one image: another tag, another digest. */
const imagesOf = (repository: string, known: readonly Known[]): readonly RegistryImage[] =>
  known.flatMap((image) => image.tags.map((tag) => imageOf(repository, { ...image, tags: [tag] })))

export const PUBLIC_IMAGES: ReadonlyMap<string, readonly RegistryImage[]> = new Map(
  Object.entries(TABLE).map(([repository, known]) => [repository, imagesOf(repository, known)]),
)
