import { cpSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PluginHost } from '../../../src/main/plugins/host.ts';
import { formatPluginProblem } from '../../../src/main/plugins/problem.ts';
import { manifest, moduleWith, pluginFolder } from './model-run.ts';

const BUILT_IN = join(import.meta.dirname, '..', '..', '..', 'plugins');

describe('discovering plugins', () => {
  it('finds the plugins that ship with pfnlab', async () => {
    const host = await PluginHost.create();
    const { plugins, models, problems } = host.discover([BUILT_IN]);
    expect(problems).toEqual([]);
    const folders = readdirSync(BUILT_IN).filter((name) =>
      existsSync(join(BUILT_IN, name, 'pfnlab-plugin.json')),
    );
    expect(plugins.map(({ folder }) => basename(folder))).toEqual(folders.sort());
    expect([...models.keys()]).toEqual(expect.arrayContaining(['gpu', 'nvdimm', 'e820-pmem']));
    const nvdimm = plugins.find(({ origin }) => origin.id === 'org.pfnlab.nvdimm');
    expect(nvdimm?.origin).toEqual({
      id: 'org.pfnlab.nvdimm',
      version: '1.0.0',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('keeps what loads when a neighbour does not, and says where the neighbour is wrong', async () => {
    const host = await PluginHost.create();
    const folder = mkdtempSync(join(tmpdir(), 'pfnlab-plugins-'));
    cpSync(pluginFolder(manifest(), moduleWith('return 0;')), join(folder, 'good'), {
      recursive: true,
    });
    cpSync(pluginFolder(manifest(), 'const = 1;\n'), join(folder, 'broken'), { recursive: true });
    const { models, problems } = host.discover([folder, join(folder, 'nowhere')]);
    expect([...models.keys()]).toEqual(['toy']);
    expect(problems).toHaveLength(1);
    expect(formatPluginProblem(problems[0]!)).toMatch(/broken\/index\.js:1:\d+: /);
  });

  it('takes the first of two plugins with one id', async () => {
    const host = await PluginHost.create();
    const first = pluginFolder(manifest(), moduleWith('return 1;'));
    const second = pluginFolder(manifest(), moduleWith('return 2;'));
    const { plugins, problems } = host.discover([dirname(first), dirname(second)]);
    expect(plugins.map(({ folder }) => folder)).toEqual([first]);
    expect(problems[0]?.message).toBe(`plugin org.example.toy is already loaded from ${first}`);
  });

  it('gives a plugin another hash when a byte of it changes', async () => {
    const host = await PluginHost.create();
    const hash = (source: string) => {
      const result = host.load(pluginFolder(manifest(), source));
      return result.ok ? result.plugin.origin.sha256 : undefined;
    };
    expect(hash(moduleWith('return 1;'))).toBe(hash(moduleWith('return 1;')));
    expect(hash(moduleWith('return 1;'))).not.toBe(hash(moduleWith('return 2;')));
  });
});
