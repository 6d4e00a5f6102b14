"""What is shown of personal data before somebody asks for more, with a reason."""

import re
import unicodedata

STARS = "****"
# Han, kana, hangul: scripts whose names have no spaces and lead with the family name.
EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]")
# Province, city and district, as far as they are certain; a 小区 is somebody's home, not a district.
_PROVINCE = r"(?:[^\d\s省市区區县縣]{2,3}省|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区|(?:香港|澳门)特别行政区)"
_CITY = r"[^\d\s省市区區县縣]{2,6}(?:市|自治州|地区|盟)"
_DISTRICT = r"[^\d\s区區县縣市旗路街道号號]{1,6}(?<![小园園社校厂廠景])[区區县縣市旗]"
AREA = re.compile(rf"\s*(?:{_PROVINCE}\s*(?:{_CITY})?|{_CITY})\s*(?:{_DISTRICT})?")


def mask_phone(phone: str) -> str:
    """Last four digits and what precedes the eight last: 138****1234, +86138****1234. Short numbers show less."""
    text = unicodedata.normalize("NFKC", phone).strip()
    digits = "".join(char for char in text if char.isdecimal())
    if not digits:
        return ""
    if len(digits) < 8:
        return STARS + (digits[-2:] if len(digits) >= 5 else "")
    plus = "+" if text.startswith("+") else ""
    return f"{plus}{digits[:-8]}{STARS}{digits[-4:]}"


def mask_name(name: str) -> str:
    """The first character, then a star for each other: 张**; of spaced scripts each word's initial: J*** D***."""
    words = name.split()
    if not words:
        return ""
    if EAST_ASIAN.match(words[0]):
        joined = "".join(words)
        return joined[0] + "*" * min(len(joined) - 1, 4) if len(joined) > 1 else "*"
    return " ".join(word[0] + "***" for word in words[:4])


def mask_address(address: str) -> str:
    """Province, city and district of a Chinese address, the last part (the country) of one with commas, and stars."""
    text = " ".join(address.split())
    if not text:
        return ""
    if area := AREA.match(text):
        return area.group().strip() + STARS
    *rest, last = re.split("[,，、]", text)
    country = last.strip()
    if rest and country and not EAST_ASIAN.search(country) and not any(char.isdigit() for char in country):
        return f"{STARS}, {country}"
    return STARS


def mask_email(email: str) -> str:
    """The first letter and the domain: j***@example.com."""
    local, at, domain = email.strip().rpartition("@")
    if not at:
        return STARS if domain else ""
    return f"{local[:1]}***@{domain}"
