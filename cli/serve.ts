/**
 * `kubefold serve`: a cluster behind HTTPS on this machine, in real time, for a real kubectl or any other client. Nothing is reachable
 * from other machines.
 */
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { run as passTime } from '../engine/cluster/run.ts'
import type { World } from '../engine/cluster/world.ts'
import { EPOCH, minutes } from '../engine/std/time.ts'
import { beginWorld, presetNamed, seedOf, WORLD_FLAGS } from './begin.ts'
import { EXIT, type Given, type Subcommand, UsageProblem } from './command.ts'
import { liveWorld } from './live-world.ts'
import { makeCertificates } from './serve/certificates.ts'
import { kubeconfigText, writeKubeconfig } from './serve/kubeconfig.ts'
import { type Listener, listen } from './serve/listener.ts'
import { readTokenFile } from './serve/token-file.ts'

const FASTEST = 1000
const SLOWEST = 0.01
const LARGEST_PORT = 65_535

function portProblem(error: NodeJS.ErrnoException, port: number): unknown {
  if (error.code === 'EADDRINUSE')
    return new UsageProblem(
      `port ${port} is taken by another program; choose another with --port, or 0 for any that is free`,
    )
  if (error.code === 'EACCES') return new UsageProblem(`port ${port} may not be used by you; choose one from 1024 on`)
  return error
}

const stopped = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        process.once(signal, () => process.exit(EXIT.good))
        resolve()
      })
  })

function sayHello(given: Given, { url }: Listener, kubeconfig: string, nodes: number): void {
  const count = `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`
  console.log(`A cluster of ${count} (preset ${presetNamed(given)}, seed ${seedOf(given)}) is at ${url}

  export KUBECONFIG=${kubeconfig}
  kubectl get nodes

Stop it with ctrl-C; what is in it is gone then.`)
}

/** Begun a little while ago, so that by now its nodes are ready. Its clock shows the same time as the client's. */
function worldOfToday(given: Given): World {
  const now = Date.now() - EPOCH
  return passTime(beginWorld(given, now - minutes(1)), now)
}

async function run(given: Given): Promise<number> {
  const port = given.number('port', { least: 0, most: LARGEST_PORT })
  const speed = given.number('speed', { least: SLOWEST, most: FASTEST, whole: false })
  const tokenFile = given.text('token-auth-file')
  const tokens = tokenFile ? readTokenFile(tokenFile) : new Map()
  const world = worldOfToday(given)
  const certificates = await makeCertificates()
  const live = liveWorld(world, speed)
  const listener = await listen({ live, tokens }, certificates, port).catch((error) => {
    live.stop()
    throw portProblem(error, port)
  })
  const kubeconfig = resolve(given.text('write-kubeconfig') ?? join(tmpdir(), `kubefold-${listener.port}.kubeconfig`))
  try {
    writeKubeconfig(kubeconfig, kubeconfigText(listener.url, certificates))
    sayHello(given, listener, kubeconfig, world.machines.size)
    await stopped()
  } finally {
    live.stop()
    await listener.close()
  }
  // What clients keep half open must not hold the process.
  return process.exit(EXIT.good)
}

export const serve: Subcommand = {
  name: 'serve',
  usage: '[flags]',
  about: 'Serves a cluster over HTTPS on this machine, in real time, for a real kubectl.',
  details: `The kubeconfig that it writes holds the cluster's authority and the administrator's certificate.
With a speed other than 1, ages that kubectl works out by its own clock (in describe) are off.`,
  flags: {
    port: { value: 'N', default: '6443', help: 'The port to listen on; 0 takes any that is free.' },
    'write-kubeconfig': {
      value: 'FILE',
      help: 'Where to write the kubeconfig; a file in the folder for temporary files else.',
    },
    'token-auth-file': { value: 'FILE', help: 'More users: lines of token,user,uid,"group1,group2".' },
    speed: { value: 'X', default: '1', help: 'How many seconds pass in the cluster for each on the wall.' },
    ...WORLD_FLAGS,
  },
  run,
}
