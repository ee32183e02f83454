// A handful, not a keyboard.

export const EMOJI = {
  "Faces and hands": "😀 😁 😂 🤣 😊 😇 🙂 😉 😍 😘 😎 🤔 🤨 😐 😴 😅 😢 😭 😡 🥳 😱 🤗 👍 👎 👌 🙏 👏 💪 🤝 👋 ✌️ 🤞",
  "Shop and money": "🛒 🛍️ 💰 💵 💳 🧾 📦 🚚 🏷️ 🧮 📒 📈 📉 🏪 🔑 ⚖️ 📱 🎧 🔌 🔋 💡 🖨️ ⌚ 💻",
  "Food": "🍜 🍪 🧂 🍚 🍞 🧈 🥛 🍵 ☕ 🍫 🥭 🍌 🍎 🥔 🧅 🍅",
  "Signs": "✅ ❌ ⚠️ ❓ ❗ ⏰ 📅 📍 ❤️ 🔥 ⭐ 🎉 🪔 🇮🇳 ➕ 💯",
};
