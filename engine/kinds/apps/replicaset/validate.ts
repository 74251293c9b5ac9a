export const validateReplicaSet = () => []
export const validateReplicaSetUpdate = () => []
