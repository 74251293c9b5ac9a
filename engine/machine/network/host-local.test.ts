import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sortedValues } from '../../std/sorted.ts'
import { flannelStarts } from './flannel.ts'
import { addPod, noAddressLeft, removePod } from './host-local.ts'
import { type MachineNetwork, machineNetwork } from './machine-network.ts'

const UPLINK = { cidr: '172.18.0.0/16', gateway: '172.18.0.1' }
const small = (cidr: string) => flannelStarts(machineNetwork('node-1', '172.18.0.3', UPLINK), cidr)
const pod = (uid: string) => ({ uid, name: uid, namespace: 'default' })

it('gives the address after the last one given, even if an earlier one is free', () => {
  const [one, first] = addPod(small('10.244.0.0/24'), pod('a'))
  const [, second] = addPod(removePod(one, 'a'), pod('b'))
  expect([first, second]).toEqual(['10.244.0.2', '10.244.0.3'])
})

it('gives a pod that asks again the same address and changes nothing', () => {
  const [one, address] = addPod(small('10.244.0.0/24'), pod('a'))
  expect(addPod(one, pod('a'))).toEqual([one, address])
})

it('has none before the Node has a range, and none when all are given', () => {
  expect(addPod(machineNetwork('node-1', '172.18.0.3', UPLINK), pod('a'))[1]).toBeUndefined()
  const full = Array.from({ length: 5 }, (_, i) => `p${i}`).reduce(
    (n, uid) => addPod(n, pod(uid))[0],
    small('10.244.0.0/29'),
  )
  expect(addPod(full, pod('late'))).toEqual([full, undefined])
  expect(noAddressLeft('10.244.0.0/29')).toBe('no IP addresses available in range set: 10.244.0.1-10.244.0.6')
})

it('never gives an address twice, nor the gateway, whatever comes and goes', () => {
  const step = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 9 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let network: MachineNetwork = small('10.244.0.0/29')
      for (const [adds, n] of steps) network = adds ? addPod(network, pod(`p${n}`))[0] : removePod(network, `p${n}`)
      const addresses = sortedValues(network.pods).map(({ address }) => address)
      expect(new Set(addresses).size).toBe(addresses.length)
      expect(addresses.every((address) => /^10\.244\.0\.[2-6]$/.test(address))).toBe(true)
    }),
  )
})
