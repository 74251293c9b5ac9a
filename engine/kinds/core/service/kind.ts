/**
 * A Service is one lasting name and address for Pods that come and go. It says which Pods are meant; the slices made from it say where
 * they are. The server gives it its addresses and ports, which no two Services share.
 *
 * Upstream: pkg/registry/core/service, pkg/apis/core/{v1/defaults.go,validation}
 */
import { defineKind } from '../../../api/kind.ts'
import type { Service } from '../../../api/types.generated.ts'
import { dnsLabel } from '../../../api/validate/formats.ts'
import { AGE, NAME, text, wide } from '../../columns.ts'
import { addressesOf, nodePortsOf } from './allocate.ts'
import { defaultService } from './defaults.ts'
import { prepareServiceCreate, prepareServiceUpdate } from './prepare.ts'
import { serviceRow } from './row.ts'
import { validateService, validateServiceUpdate } from './validate.ts'
import { serviceWarnings } from './warnings.ts'

export const serviceKind = defineKind<Service>({
  resource: 'services',
  nameFormat: dnsLabel,
  defaults: defaultService,
  prepareCreate: prepareServiceCreate,
  prepareUpdate: prepareServiceUpdate,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  createsOnUpdate: true,
  companions: addressesOf,
  indexes: (service) => ({ nodePort: nodePortsOf(service).map(String) }),
  fields: {
    'spec.clusterIP': ({ spec }) => spec?.clusterIP ?? '',
    'spec.type': ({ spec }) => spec?.type ?? '',
  },
  columns: [NAME, text('Type'), text('Cluster-IP'), text('External-IP'), text('Port(s)'), AGE, wide('Selector')],
  row: serviceRow,
})
