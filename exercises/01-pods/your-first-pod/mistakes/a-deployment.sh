# catches: by-command
# says: not-there
kubectl create deployment hello --image=nginx
kubectl rollout status deployment/hello
