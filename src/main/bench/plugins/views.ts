import type { PluginDescription, PluginView } from '../../../shared/bench/plugins.ts';
import type { ServiceDeclaration } from '../../../shared/plugins/declaration.ts';
import { SUBJECTS } from '../../../shared/plugins/services/services.ts';
import type { Candidate } from '../../plugins/candidate.ts';
import type { PluginCatalogue } from './catalogue.ts';
import type { Found } from './found.ts';

/** Plugins as doors list them, in the order in which they are taken. */
export function pluginViews(catalogue: PluginCatalogue): PluginView[] {
  const seen = new Set<string>();
  return catalogue.all().map((found) => {
    const { origin } = found.candidate;
    const used = catalogue.plugins.some(({ origin: { sha256 } }) => sha256 === origin.sha256);
    const first = !seen.has(origin.sha256);
    seen.add(origin.sha256);
    return viewOf(found, catalogue.trusts(found), used && first);
  });
}

/** One plugin. `used`: a lab that names none gets it. */
export function viewOf({ candidate, place }: Found, trusted: boolean, used: boolean): PluginView {
  const { origin, manifest, files } = candidate;
  const { title, author = '', licence, models } = manifest;
  return {
    ...origin,
    title,
    author,
    licence,
    place,
    path: files.place,
    trusted,
    used,
    models: models.map((model) => ({ id: model.id, title: model.title ?? title })),
  };
}

/** Everything a plugin declares and asks for. None of its code runs. */
export function describePlugin(catalogue: PluginCatalogue, found: Found): PluginDescription {
  const { candidate } = found;
  const { manifest } = candidate;
  const used = catalogue.plugins.some(({ origin }) => origin.sha256 === candidate.origin.sha256);
  return {
    ...viewOf(found, catalogue.trusts(found), used),
    models: manifest.models.map((model) => ({
      id: model.id,
      title: model.title ?? manifest.title,
      regions: model.regions.map(({ id, kind }) => ({ id, kind })),
      registers: model.registers.map(({ id, type, count }) => ({ id, type, count })),
      actions: model.actions.map(({ id, title }) => ({ id, title: title ?? id })),
      callbacks: model.callbacks,
    })),
    services: servicesOf(candidate),
    modules: candidate.texts.map(({ path, written }) => ({
      path,
      bytes: Buffer.byteLength(written),
    })),
  };
}

/** Services whose names stand in the modules after a dot, as a call has them. */
function servicesOf(candidate: Candidate): PluginDescription['services'] {
  const words = new Set(
    candidate.texts.flatMap(({ source }) =>
      [...source.matchAll(/\.\s*([A-Za-z_]\w*)/g)].map(([, name = '']) => name),
    ),
  );
  return SUBJECTS.flatMap(({ services }) =>
    Object.entries<ServiceDeclaration>(services)
      .filter(([name]) => words.has(name))
      .map(([name, { title }]) => ({ name, title })),
  );
}
