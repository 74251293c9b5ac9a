/**
 * One Deployment on a few nodes whose limit of Pods is raised, until all are Ready: what the browser peer is asked to do as well.
 * Prints one line of JSON with the CPU time, counted from the moment the Deployment is asked for.
 *
 *     node small-cluster.js NODES PODS
 */
import { newCluster, nodes } from '../../engine/cluster/presets/cluster.ts'
import { settle } from '../../engine/cluster/run.ts'
import { minutes } from '../../engine/std/time.ts'
import { cpuMillis, create, deployment, tell, untilReady } from './scene.ts'

const [nodeCount = 3, podCount = 400] = process.argv.slice(2).map(Number)
const machines = nodes(nodeCount, { milliCpu: 64_000, memoryBytes: 64 * 1024 ** 3, pods: podCount })
const cluster = settle(newCluster({ machines }), minutes(5))
const started = cpuMillis()
const { facts } = untilReady(create(cluster, 'deployments.apps', 'default', deployment('web', podCount)), podCount)
tell({ nodes: nodeCount, pods: podCount, cpuMs: cpuMillis() - started, facts })
