/** Manifests that lie in the home directory of a named cluster: one Pod, one Deployment with its Service, one application of three parts. */

export const HELLO = `apiVersion: v1
kind: Pod
metadata:
  name: hello
  labels:
    app: hello
spec:
  containers:
  - name: web
    image: nginx:1.27
    ports:
    - containerPort: 80
`

export const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports:
        - containerPort: 80
        readinessProbe:
          httpGet:
            path: /
            port: 80
          periodSeconds: 5
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
`

interface Part {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly replicas: number
  readonly image: string
  readonly port: number
}

const labelLines = (labels: Part['labels'], indent: string): string =>
  Object.entries(labels)
    .map(([key, value]) => `${indent}${key}: ${value}\n`)
    .join('')

/** A Deployment and the Service before it. */
const part = ({ name, labels, replicas, image, port }: Part): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
${labelLines(labels, '      ')}  template:
    metadata:
      labels:
${labelLines(labels, '        ')}    spec:
      containers:
      - name: main
        image: ${image}
        resources:
          requests:
            cpu: 100m
            memory: 100Mi
        ports:
        - containerPort: ${port}
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
${labelLines(labels, '    ')}  ports:
  - port: ${port}
`

export const GUESTBOOK = [
  part({
    name: 'redis-leader',
    labels: { app: 'redis', role: 'leader' },
    replicas: 1,
    image: 'registry.k8s.io/redis:e2e',
    port: 6379,
  }),
  part({
    name: 'redis-follower',
    labels: { app: 'redis', role: 'follower' },
    replicas: 2,
    image: 'us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower:v2',
    port: 6379,
  }),
  part({
    name: 'frontend',
    labels: { app: 'guestbook', tier: 'frontend' },
    replicas: 3,
    image: 'us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5',
    port: 80,
  }),
].join('---\n')
