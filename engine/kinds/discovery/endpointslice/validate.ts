export const validateEndpointSlice = () => []
export const validateEndpointSliceUpdate = () => []
