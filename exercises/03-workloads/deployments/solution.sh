kubectl create deployment web --image=nginx --replicas=4
kubectl rollout status deployment/web
kubectl delete $(kubectl get pods -l app=web -o name | head -1)
kubectl scale deployment web --replicas=6
kubectl rollout status deployment/web
poweroff node-2
sleep 60
kubectl get nodes
sleep 330
kubectl get pods -o wide
answer who-did-what deployment replicaset scheduler kubelet endpointslice
