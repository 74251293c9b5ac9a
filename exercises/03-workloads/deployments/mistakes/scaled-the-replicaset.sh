# catches: six-replicas
# says: not-six
kubectl create deployment web --image=nginx --replicas=4
kubectl rollout status deployment/web
kubectl scale $(kubectl get rs -l app=web -o name) --replicas=6
sleep 20
