/** The map of a world that was run while the site was built: a picture that cannot lie, without a line of script. */

import { WEB } from '../../../engine/cluster/presets/home-files.ts'
import { cluster } from '../../../engine/index.ts'
import { seconds } from '../../../engine/std/time.ts'
import { layoutOf } from '../page/map-layout.ts'
import type { Strings } from '../page/strings.ts'
import { withoutSystem } from '../page/use-shown.ts'
import { happeningsOf } from '../worker/happenings.ts'
import { sceneOf } from '../worker/scene.ts'
import { Picture } from './ClusterMap.tsx'

function momentOf(): ReturnType<typeof sceneOf> & { readonly now: number } {
  const { run, advance, world } = cluster({ nodes: 3, files: { 'web.yaml': WEB } })
  run('kubectl apply -f web.yaml')
  advance(seconds(20))
  run('kubectl set image deployment/web nginx=nginx:1.28')
  advance(seconds(4))
  return { ...withoutSystem(sceneOf(world(), happeningsOf(world(), 0))), now: world().now }
}

export function StillPicture({ words }: { readonly words: Strings }) {
  const scene = momentOf()
  return (
    <div class="map still" inert>
      <Picture layout={layoutOf(scene, 620, 380)} scene={scene} now={scene.now} words={words} selected={undefined} />
    </div>
  )
}
