kubectl run hello --image=nginx
kubectl wait --for=condition=Ready pod/hello --timeout=120s
answer which-node $(kubectl get pod hello -o jsonpath='{.spec.nodeName}')
answer which-address $(kubectl get pod hello -o jsonpath='{.status.podIP}')
kubectl run hello-too --image=nginx --dry-run=client -o yaml > hello-too.yaml
kubectl apply -f hello-too.yaml
kubectl wait --for=condition=Ready pod/hello-too --timeout=120s
kubectl delete pod hello
