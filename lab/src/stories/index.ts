import { atStories } from './at.ts';
import { changeStories } from './change.ts';
import { enrolmentStories } from './enrolment.ts';
import { enumerateStories } from './enumerate.ts';
import { failureStories } from './failures.ts';
import { ladderStories } from './ladder.ts';
import { modeSwitchStories } from './mode-switch.ts';
import { onlineStories } from './online.ts';
import { onlineDualStories } from './online-dual.ts';
import { replugStories } from './replug.ts';
import { rescueStories } from './rescue.ts';
import { sameAddressStories } from './same-address.ts';
import { smsStories } from './sms.ts';
import type { Story } from './story.ts';
import { toolsEthernetStories } from './tools-ethernet.ts';
import { toolsMbimStories } from './tools-mbim.ts';
import { toolsPppStories } from './tools-ppp.ts';
import { toolsQmiStories } from './tools-qmi.ts';
import { usbIdStories } from './usb-ids.ts';

const byHand: readonly Story[] = [...toolsEthernetStories, ...toolsPppStories, ...toolsQmiStories, ...toolsMbimStories];

const withTheAgent: readonly Story[] = [
  ...onlineStories,
  ...onlineDualStories,
  ...replugStories,
  ...modeSwitchStories,
  ...changeStories,
  ...smsStories,
  ...sameAddressStories,
  ...failureStories,
  ...ladderStories,
  ...enrolmentStories,
  ...rescueStories,
];

/** Every story, those of one family together, what others build on first. */
export const stories: readonly Story[] = [...enumerateStories, ...usbIdStories, ...atStories, ...byHand, ...withTheAgent];
