export { default } from 'intercom-client';
