export const prepareServiceCreate = (service) => ({ ...service, status: { loadBalancer: {} } })
export const prepareServiceUpdate = (service, old, subresource) =>
  subresource === 'status' ? { ...service, spec: old.spec } : { ...service, status: old.status }
