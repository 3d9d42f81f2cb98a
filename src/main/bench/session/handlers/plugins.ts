import type { pluginCommands } from '../../../../shared/bench/commands/plugins.ts';
import type { Handlers } from './handlers.ts';

export const pluginHandlers: Handlers<typeof pluginCommands> = {
  pluginList: ({ plugins }) => plugins.list(),
  pluginDescribe: ({ plugins }, { sha256 }) => plugins.describe(sha256),
  pluginTrust: ({ plugins }, { sha256, trusted }) => {
    plugins.trust(sha256, trusted);
    return {};
  },
  pluginInstall: ({ plugins }, dropped) => ({ sha256: plugins.install(dropped) }),
  pluginRemove: ({ plugins }, { sha256 }) => {
    plugins.remove(sha256);
    return {};
  },
  pluginName: ({ plugins }, { path }) => {
    const sha256 = plugins.name(path);
    return sha256 === undefined ? {} : { sha256 };
  },
  pluginForget: ({ plugins }, { path }) => {
    plugins.forget(path);
    return {};
  },
  pluginReload: ({ plugins }) => {
    plugins.reload();
    return {};
  },
};
