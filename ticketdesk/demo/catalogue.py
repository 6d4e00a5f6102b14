"""What the demo is made of: shops, carriers, goods, places, names. Data only; no person, address or number is real."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """One shop. `prefix` begins its order numbers, `share` is its part of all orders."""

    code: str
    name: str
    time_zone: str
    currency: str
    language: str
    country: str
    calendar: str
    high_value: Decimal
    prefix: str
    share: float
    home: str


SHOPS = (
    ShopFacts("qinghe", "杭州青禾家居", "Asia/Shanghai", "CNY", "zh-hans", "CN", "demo_retail", Decimal(1500), "QH",
              0.52, "杭州"),
    ShopFacts("yuanfan", "Yuanfan Global", "America/New_York", "USD", "en", "CN", "demo_export", Decimal(250), "YF",
              0.28, "Shenzhen"),
    ShopFacts("shanlan", "山嵐選物", "Asia/Taipei", "TWD", "zh-hant", "TW", "demo_taiwan", Decimal(5000), "SL", 0.20,
              "台北"),
)  # fmt: skip
SHOP = {shop.code: shop for shop in SHOPS}

# code: (name, name in Chinese, page of a parcel, number's prefix and count of digits)
CARRIERS = {
    "sf": ("SF Express", "顺丰速运", "https://www.sf-express.com/chn/sc/waybill/waybill-detail/{number}", "SF", 13),
    "zto": ("ZTO Express", "中通快递", "https://www.zto.com/express/expressCheck.html?txtBill={number}", "78", 12),
    "yto": ("YTO Express", "圆通速递", "https://www.yto.net.cn/tracesimple.html?no={number}", "YT", 13),
    "jd": ("JD Logistics", "京东物流", "https://www.jdl.com/#/trackQuery?waybillCodes={number}", "JDVA", 11),
    "dhl": ("DHL Express", "DHL 国际快递", "https://www.dhl.com/en/express/tracking.html?AWB={number}", "", 10),
    "ups": ("UPS", "UPS 联合包裹", "https://www.ups.com/track?tracknum={number}", "1Z8F42", 12),
    "usps": ("USPS", "USPS 美国邮政", "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}", "9400", 18),
    "tcat": ("T-CAT Takkyubin", "黑貓宅急便", "https://www.t-cat.com.tw/inquire/trace.aspx?no={number}", "90", 10),
}  # fmt: skip

# shop: [(sku, name, price)]
GOODS = {
    "qinghe": [
        ("QH-BD-101", "新疆长绒棉四件套 1.8 米 雾蓝", "459.00"), ("QH-BD-114", "亚麻凉席三件套 1.5 米", "328.00"),
        ("QH-PL-203", "慢回弹记忆棉枕 一对", "199.00"), ("QH-TW-305", "纯棉浴巾三条装", "129.00"),
        ("QH-LT-410", "护眼落地灯 三档调光", "369.00"), ("QH-ST-522", "带轮收纳箱 60 升 4 只", "158.00"),
        ("QH-KC-607", "珐琅铸铁锅 24 厘米", "599.00"), ("QH-KC-618", "日式陶瓷餐具 16 件", "239.00"),
        ("QH-CT-701", "遮光窗帘 2.5 × 2.6 米", "288.00"), ("QH-SF-809", "懒人沙发 大号 燕麦色", "899.00"),
        ("QH-RG-902", "羊毛混纺地毯 160 × 230", "1290.00"), ("QH-WD-915", "实木换鞋凳", "429.00"),
    ],
    "yuanfan": [
        ("YF-LED-30", "LED desk lamp with wireless charging", "42.90"), ("YF-PB-20K", "Power bank 20,000 mAh", "35.50"),
        ("YF-CAM-2K", "Outdoor camera 2K, pair", "89.00"), ("YF-KB-87", "Mechanical keyboard, 87 keys", "64.00"),
        ("YF-TRI-01", "Carbon travel tripod", "118.00"), ("YF-BAG-40", "Travel backpack 40 l", "56.00"),
        ("YF-YOG-6", "Cork yoga mat 6 mm", "38.00"), ("YF-DRN-M", "Mini drone, spare battery set", "219.00"),
        ("YF-GRD-9", "Garden tool set, 9 pieces", "47.00"), ("YF-COF-1", "Hand coffee grinder, steel burr", "72.00"),
    ],
    "shanlan": [
        ("SL-TEA-1", "阿里山高山烏龍茶 150 克 × 2", "1280"), ("SL-CUP-3", "鶯歌手拉坯馬克杯", "680"),
        ("SL-BAG-2", "水洗帆布托特包", "980"), ("SL-CND-5", "檜木香氛蠟燭", "860"),
        ("SL-NTB-4", "手工縫線筆記本 三入", "540"), ("SL-LMP-7", "竹編桌燈", "2380"),
        ("SL-SCR-6", "蠶絲圍巾", "1980"), ("SL-BOX-8", "中秋伴手禮盒", "1180"),
    ],
}  # fmt: skip

# shop: [(country, region, city, district, postcode, time zone, street with {n} for the number)]
PLACES = {
    "qinghe": [
        ("CN", "上海市", "上海", "浦东新区", "200120", "Asia/Shanghai", "上海市浦东新区栖霞路{n}号"),
        ("CN", "北京市", "北京", "朝阳区", "100020", "Asia/Shanghai", "北京市朝阳区景华街{n}号院"),
        ("CN", "广东省", "广州", "天河区", "510620", "Asia/Shanghai", "广东省广州市天河区林和东路{n}号"),
        ("CN", "广东省", "深圳", "南山区", "518052", "Asia/Shanghai", "广东省深圳市南山区桃园路{n}号"),
        ("CN", "四川省", "成都", "武侯区", "610041", "Asia/Shanghai", "四川省成都市武侯区玉林南街{n}号"),
        ("CN", "湖北省", "武汉", "洪山区", "430070", "Asia/Shanghai", "湖北省武汉市洪山区书城路{n}号"),
        ("CN", "江苏省", "南京", "鼓楼区", "210009", "Asia/Shanghai", "江苏省南京市鼓楼区湖南路{n}号"),
        ("CN", "陕西省", "西安", "雁塔区", "710061", "Asia/Shanghai", "陕西省西安市雁塔区翠华路{n}号"),
        ("CN", "辽宁省", "沈阳", "和平区", "110001", "Asia/Shanghai", "辽宁省沈阳市和平区南五马路{n}号"),
        ("CN", "云南省", "昆明", "盘龙区", "650051", "Asia/Shanghai", "云南省昆明市盘龙区白塔路{n}号"),
        ("CN", "新疆维吾尔自治区", "乌鲁木齐", "天山区", "830002", "Asia/Shanghai",
         "新疆维吾尔自治区乌鲁木齐市天山区和平南路{n}号"),
    ],
    "yuanfan": [
        ("US", "TX", "Austin", "", "78704", "America/Chicago", "{n} Barton Ridge Dr, Austin, TX, USA"),
        ("US", "NJ", "Newark", "", "07104", "America/New_York", "{n} Parkside Ave, Newark, NJ, USA"),
        ("US", "WA", "Seattle", "", "98103", "America/Los_Angeles", "{n} Linden Ave N, Seattle, WA, USA"),
        ("DE", "BE", "Berlin", "", "10437", "Europe/Berlin", "Ahornhof {n}, Berlin, Germany"),
        ("DE", "HH", "Hamburg", "", "20259", "Europe/Berlin", "Lindenhof {n}, Hamburg, Germany"),
        ("BR", "SP", "São Paulo", "", "01310", "America/Sao_Paulo", "Rua das Palmeiras Novas {n}, São Paulo, Brazil"),
        ("BR", "PR", "Curitiba", "", "80420", "America/Sao_Paulo", "Rua do Pinhal {n}, Curitiba, Brazil"),
        ("JP", "Tokyo", "Tokyo", "", "1500001", "Asia/Tokyo", "3-{n} Midorigaoka, Tokyo, Japan"),
        ("JP", "Osaka", "Osaka", "", "5300001", "Asia/Tokyo", "2-{n} Sakuradori, Osaka, Japan"),
    ],
    "shanlan": [
        ("TW", "台北市", "台北", "大安區", "106", "Asia/Taipei", "台北市大安區青田街{n}號"),
        ("TW", "新北市", "新北", "板橋區", "220", "Asia/Taipei", "新北市板橋區文聖街{n}號"),
        ("TW", "台中市", "台中", "西區", "403", "Asia/Taipei", "台中市西區向上北路{n}號"),
        ("TW", "台南市", "台南", "中西區", "700", "Asia/Taipei", "台南市中西區神農街{n}號"),
        ("TW", "高雄市", "高雄", "鼓山區", "804", "Asia/Taipei", "高雄市鼓山區濱海一路{n}號"),
        ("TW", "花蓮縣", "花蓮", "花蓮市", "970", "Asia/Taipei", "花蓮縣花蓮市節約街{n}號"),
    ],
}  # fmt: skip
HUBS = {
    "上海": "上海浦东", "北京": "北京顺义", "广州": "广州花都", "深圳": "东莞虎门", "成都": "成都双流",
    "南京": "南京江宁", "武汉": "武汉东西湖", "西安": "西安未央", "沈阳": "沈阳于洪",
    "昆明": "昆明官渡", "乌鲁木齐": "西安未央",
    "台北": "桃園", "新北": "桃園", "台中": "台中", "台南": "高雄", "高雄": "高雄", "花蓮": "桃園",
    "Austin": "Louisville", "Newark": "New York JFK", "Seattle": "Anchorage", "Berlin": "Leipzig", "Hamburg": "Leipzig",
    "São Paulo": "Campinas", "Curitiba": "Campinas", "Tokyo": "Narita", "Osaka": "Kansai",
}  # fmt: skip

FAMILY = {
    "zh-hans": "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗",
    "zh-hant": "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周",
}
GIVEN = {
    "zh-hans": ["子涵", "欣怡", "浩然", "梓萱", "志强", "丽华", "建国", "晓燕", "俊杰", "雨桐", "思远", "佳琪", "海波",
                "文静", "国庆", "慧敏", "天宇", "诗涵", "明辉", "玉兰"],
    "zh-hant": ["怡君", "家豪", "雅婷", "志明", "淑芬", "冠宇", "佩珊", "俊賢", "詩涵", "宗翰", "美玲", "承恩", "宜蓁",
                "柏翰", "麗華", "彥廷"],
}  # fmt: skip
WESTERN = {
    "US": (["Olivia", "James", "Sophia", "Mason", "Grace", "Ethan"], ["Walker", "Reed", "Brooks", "Hayes", "Foster"]),
    "DE": (["Lena", "Jonas", "Clara", "Felix", "Mia", "Paul"], ["Brandt", "Keller", "Vogel", "Lorenz", "Seidel"]),
    "BR": (["Ana", "Pedro", "Larissa", "Rafael", "Beatriz"], ["Cardoso", "Moura", "Barros", "Teixeira", "Nunes"]),
    "JP": (["Yuki", "Haruto", "Aoi", "Ren", "Sakura"], ["Ishii", "Kondo", "Maeda", "Ogawa", "Noguchi"]),
}
# {d} stands for the digits that tell two people apart. German and American ones lie in ranges kept for fiction.
PHONES = {
    "CN": "+86 199 0000 {d:04d}", "TW": "+886 900 00{d:04d}", "US": "+1 202 555 0{d:03d}", "DE": "+49 30 23125 {d:03d}",
    "BR": "+55 11 95550 {d:04d}", "JP": "+81 90 0000 {d:04d}",
}  # fmt: skip
