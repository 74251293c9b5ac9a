# catches: which-node
# says: wrong-node
kubectl run hello --image=nginx
kubectl wait --for=condition=Ready pod/hello --timeout=120s
answer which-node node-9
