// The emoji that come up in work talk; any other keeps its :name:.

const NAMES = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", tada: "🎉", eyes: "👀", heart: "❤️", pray: "🙏",
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", fire: "🔥", rocket: "🚀", bow: "🙇", clap: "👏",
  raised_hands: "🙌", wave: "👋", ok_hand: "👌", smile: "😄", slightly_smiling_face: "🙂", grinning: "😀",
  joy: "😂", sweat_smile: "😅", see_no_evil: "🙈", thinking_face: "🤔", cry: "😢", sob: "😭", sunglasses: "😎",
  warning: "⚠️", rotating_light: "🚨", bulb: "💡", question: "❓", exclamation: "❗", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", alarm_clock: "⏰", bell: "🔔", zzz: "💤", memo: "📝", pushpin: "📌", link: "🔗",
  lock: "🔒", key: "🔑", package: "📦", bug: "🐛", wrench: "🔧", gear: "⚙️", mag: "🔍", speech_balloon: "💬",
  envelope: "✉️", inbox_tray: "📥", outbox_tray: "📤", calendar: "📅", chart_with_upwards_trend: "📈",
  red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡", large_green_circle: "🟢",
  large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", large_purple_circle: "🟣", star: "⭐", sparkles: "✨", "100": "💯",
  arrows_counterclockwise: "🔄", bust_in_silhouette: "👤", busts_in_silhouette: "👥", office: "🏢", label: "🏷️", ticket: "🎫",
};
export const PALETTE = ["+1", "eyes", "white_check_mark", "tada", "pray", "heart", "raised_hands", "sweat_smile"];
export const emoji = (name) => NAMES[name] ?? null;
export const emojiText = (name) => NAMES[name] ?? `:${name}:`;
