/**
 * CoreDNS as a program: it listens for questions and says whether it is well. What it answers to a question is worked out by
 * the room `dns`, from what CoreDNS has seen of the cluster.
 */
import { plain, serving } from './web-server.ts'

const ANSWERS: Readonly<Record<string, string>> = { '/health': 'OK', '/ready': 'OK' }

export const coredns = serving({
  ports: () => [53, 8080, 8181, 9153],
  banner: () => '.:53\nCoreDNS-1.13.1\nlinux/amd64, go1.25.2, 1db4568\n',
  answer: ({ path }) => {
    const text = ANSWERS[path]
    return text === undefined ? plain('404 page not found\n', 404) : plain(text)
  },
  ends: { SIGTERM: 0, SIGINT: 0 },
})
