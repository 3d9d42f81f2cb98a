import { TIER_SERVICES } from '../../../../shared/plugins/services/tiers.ts';
import { driverServices, serve } from '../device/services.ts';
import {
  clear_node_memory_type,
  init_node_memory_type,
  mt_calc_adistance,
  register_mt_adistance_algorithm,
} from './memory-tiers.ts';

/** Memory tiers, as drivers of slower or faster memory ask for them. */
export const tierServices = driverServices(TIER_SERVICES, {
  mt_calc_adistance: serve(mt_calc_adistance),
  init_node_memory_type: serve(init_node_memory_type),
  clear_node_memory_type: serve(clear_node_memory_type),
  register_mt_adistance_algorithm: serve(register_mt_adistance_algorithm),
});
