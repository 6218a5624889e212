import { mount } from "./conversation.js";

mount(document.getElementById("conversation"));
