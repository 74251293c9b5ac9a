/** What the islands read: all of it, or one thing computed from it. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Scene } from '../worker/scene.ts'
import { current, type Shown, subscribe } from './connection.ts'

/** Renders again when what is picked is another value. */
export function useShown<T>(pick: (shown: Shown) => T): T {
  const [value, setValue] = useState(() => pick(current()))
  useEffect(() => {
    const look = () => setValue(() => pick(current()))
    look()
    return subscribe(look)
  }, [])
  return value
}

const isSystem = ({ key }: { readonly key: string }): boolean => key.startsWith('kube-')

export const withoutSystem = (scene: Scene): Scene => ({
  ...scene,
  pods: scene.pods.filter((pod) => !isSystem(pod)),
  deployments: scene.deployments.filter((deployment) => !isSystem(deployment)),
  replicaSets: scene.replicaSets.filter((set) => !isSystem(set)),
  services: scene.services.filter((service) => !isSystem(service)),
  happenings: scene.happenings.filter((happening) => !isSystem(happening)),
})

/** The cluster as it is to be shown: with or without what it runs for itself. */
export function useScene(): Scene | undefined {
  const scene = useShown((shown) => shown.scene)
  const system = useShown((shown) => shown.system)
  return useMemo(() => (scene && !system ? withoutSystem(scene) : scene), [scene, system])
}
