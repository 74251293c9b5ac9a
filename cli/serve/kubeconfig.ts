/** The kubeconfig of a served cluster: where it is, which authority to trust, and the administrator's certificate. */
import { writeFileSync } from 'node:fs'
import { UsageProblem } from '../command.ts'
import type { Certificates } from './certificates.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

export const kubeconfigText = (server: string, { authority, administrator }: Certificates): string => `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: ${base64(authority.cert)}
    server: ${server}
  name: kubefold
contexts:
- context:
    cluster: kubefold
    user: kubernetes-admin
  name: kubernetes-admin@kubefold
current-context: kubernetes-admin@kubefold
users:
- name: kubernetes-admin
  user:
    client-certificate-data: ${base64(administrator.cert)}
    client-key-data: ${base64(administrator.key)}
`

const OWNER_ONLY = 0o600

export function writeKubeconfig(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: OWNER_ONLY })
  } catch (error) {
    throw new UsageProblem(`the kubeconfig cannot be written: ${(error as Error).message}`)
  }
}
