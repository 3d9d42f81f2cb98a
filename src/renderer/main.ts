import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/fills.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { openDoor } from './bench/door.ts';
import { connect } from './bench/session.ts';
import { PANES } from './frame/pane.ts';
import { FOUND_PANES } from './frame/registry.ts';

const door = openDoor();
connect(door.api);
createApp(App, { status: door.status })
  .use(createPinia())
  .provide(PANES, FOUND_PANES)
  .mount('#app');
