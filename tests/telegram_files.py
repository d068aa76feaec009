"""Exports of Telegram Desktop as it writes them, JSON and HTML, of made-up messages."""

import html
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

START = 1_609_502_400  # 2021-01-01T12:00:00Z
CHANNEL = {"name": "A garden diary", "type": "public_channel", "id": 1_234_567_890}
NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"


def message(number: int, text: Any = None, **more: Any) -> dict[str, Any]:
    """A message of a channel, as JSON has it."""
    at = START + 60 * number
    text = f"Words {number}" if text is None else text
    parts = text if isinstance(text, list) else [text] * bool(text)
    return {
        **{"id": number, "type": "message", "date": datetime.fromtimestamp(at, UTC).isoformat()[:19]},
        **{"date_unixtime": str(at), "from": "A garden diary", "from_id": "channel1234567890", "text": text},
        "text_entities": [part if isinstance(part, dict) else {"type": "plain", "text": part} for part in parts],
        **more,
    }


def service(number: int) -> dict[str, Any]:
    """What tells that a message was pinned."""
    return message(number, "", type="service", action="pin_message", actor="A garden diary", message_id=1)


def chat(messages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {**CHANNEL, **more, "messages": messages}


def account(*chats: dict[str, Any], left: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """An account's export; its lists of chats lie between other things."""
    return {
        "about": "Here is the data you requested.",
        "personal_information": {"user_id": 7, "first_name": "Kim", "bio": '{"chats": ['},
        "profile_pictures": [{"date": "2021-01-01T12:00:00", "photo": "profile_pictures/1.jpg"}],
        "contacts": {"about": "Contacts", "list": [{"user_id": 8, "first_name": "Lee"}]},
        "chats": {"about": "Chats", "list": [*chats]},
        "left_chats": {"about": "Left", "list": [*left]},
    }


def write_json(folder: Path, content: Any) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / "result.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def html_message(number: int, text: str, author: str = "Alice", *, inside: str = "", before: str = "") -> str:
    """A message in HTML; without an author it is joined to the one before."""
    when = datetime.fromtimestamp(START + 60 * number, UTC).strftime("%d.%m.%Y %H:%M:%S UTC+00:00")
    picture = (
        '<div class="pull_left userpic_wrap"><div class="userpic userpic1"><div class="initials">A</div></div></div>'
    )
    name = f'<div class="from_name">\n{html.escape(author)} \n       </div>' if author else ""
    words = f'<div class="text">\n{text}\n       </div>' if text else ""
    return f"""
     <div class="message default clearfix{" joined" * (not author)}" id="message{number}">
      {picture * bool(author)}
      <div class="body">
       <div class="pull_right date details" title="{when}">
12:00
       </div>
       {name}{before}
       {inside}{words}
      </div>
     </div>
"""


def html_service(number: int, text: str = "1 January 2021") -> str:
    return f"""
     <div class="message service" id="message{number}">
      <div class="body details">
{text}
      </div>
     </div>
"""


def html_page(*messages: str, name: str = "Our garden") -> str:
    return f"""<!DOCTYPE html>
<html>
 <head>
  <meta charset="utf-8"/>
  <title>Exported Data</title>
  <link href="css/style.css" rel="stylesheet"/>
  <script src="js/script.js" type="text/javascript"></script>
 </head>
 <body onload="CheckLocation();">
  <div class="page_wrap">
   <div class="page_header">
    <div class="content">
     <div class="text bold">
{html.escape(name)}
     </div>
    </div>
   </div>
   <div class="page_body chat_page">
    <div class="history">
{"".join(messages)}
    </div>
   </div>
  </div>
 </body>
</html>
"""


def write_html(folder: Path, *pages: str) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    for number, page in enumerate(pages, 1):
        (folder / f"messages{number if number > 1 else ''}.html").write_text(page, encoding="utf-8")
    return folder / "messages.html"
