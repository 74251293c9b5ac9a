# catches: four-replicas
# says: not-there
kubectl run web --image=nginx
kubectl wait --for=condition=Ready pod/web --timeout=120s
