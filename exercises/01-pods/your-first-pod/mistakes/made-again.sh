# catches: stays-gone
# says: came-back
kubectl run hello --image=nginx
kubectl wait --for=condition=Ready pod/hello --timeout=120s
kubectl delete pod hello
kubectl run hello --image=nginx
