import { render } from 'preact';
import { App } from './app';
import './page.css';
import './list.css';
import './trace.css';
import './detail.css';

render(<App />, document.body);
