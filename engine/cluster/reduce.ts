/**
 * The one function: a world and something that happened to it, and the next world. Everything else is called from here. What was
 * written meanwhile is announced to those who watch, in one place, for every fact alike.
 */

import { hasSorted } from '../std/sorted.ts'
import { announce } from './announce.ts'
import { onAskArrived, onCohortDelivered, onMachineFact, onSchedulerFact } from './components.ts'
import { onControllerFact } from './control.ts'
import type { Fact } from './fact.ts'
import { onFault } from './faults.ts'
import { onHttpFact } from './front-door.ts'
import { onPersonFact } from './person.ts'
import type { World } from './world.ts'

function happen(world: World, fact: Fact): World {
  switch (fact.type) {
    case 'changes/delivered':
      return hasSorted(world.cohorts, fact.client)
        ? onCohortDelivered(world, fact.client)
        : onControllerFact(world, fact)
    case 'key/taken':
    case 'key/due':
    case 'request/arrived':
      return onControllerFact(world, fact)
    case 'ask/arrived':
      return onAskArrived(world, fact)
    case 'http/arrived':
      return onHttpFact(world, fact)
    case 'line/entered':
    case 'key/pressed':
    case 'file/saved':
    case 'program/woke':
      return onPersonFact(world, fact)
    case 'component/crashed':
    case 'component/started':
    case 'watch/stalled':
    case 'watch/resumed':
    case 'requests/lost':
    case 'machine/crashed':
    case 'machine/booted':
    case 'link/cut':
    case 'link/healed':
    case 'calm/restored':
      return onFault(world, fact)
    default:
      return 'machine' in fact ? onMachineFact(world, fact.machine, fact) : onSchedulerFact(world, fact)
  }
}

export function reduce(world: World, fact: Fact): World {
  const after = happen(world, fact)
  return announce(world, { ...after, happened: world.happened + 1 })
}
