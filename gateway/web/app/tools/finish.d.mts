import type {Plugin} from 'vite';
export declare function finish(): Plugin;
