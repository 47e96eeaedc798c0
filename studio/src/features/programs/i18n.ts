import { texts } from "@/i18n";

/** Texts of programs. */
export const programTexts = texts({
  en: {
    all: "All programs", size: "Size", hash: "SHA-256", created: "{name} was uploaded", delete: "Delete", download: "Download",
    file: "Program", drop: "Drop a .wasm file here, or choose one", choose: "Choose a file", chosen: "{name}, {size}", another: "Choose another",
    notWasm: "This is no WebAssembly module.", tooLarge: "A program has at most 2 MiB. Build it for release and without symbols.",
    name: "Name", description: "Description", upload: "Upload",
    what: "What a program is", whatText: "A command of WASI preview 1 (wasm32-wasip1): it reads one JSON value from standard input and writes one to standard output. It has no files, no network and no environment; its clock stands still and its chance follows from the seed, so that it comes to the same of the same.",
    example: "In Rust", use: "How it is used", useText: "A Code step of a scenario names it and the variable that takes what it writes. The bytes of a program never change: a new build is a new program.", made: "Uploaded", settings: "Settings",
    bounds: "Bounds", bound1: "about 200 million instructions", bound2: "64 MiB of memory", bound3: "reads 4 MiB, writes 1 MiB",
  },
  vi: {
    all: "Tất cả chương trình", size: "Kích thước", hash: "SHA-256", created: "Đã tải lên {name}", delete: "Xóa", download: "Tải xuống",
    file: "Chương trình", drop: "Thả tệp .wasm vào đây hoặc chọn tệp", choose: "Chọn tệp", chosen: "{name}, {size}", another: "Chọn tệp khác",
    notWasm: "Đây không phải mô-đun WebAssembly.", tooLarge: "Chương trình tối đa 2 MiB. Hãy biên dịch bản phát hành và bỏ ký hiệu.",
    name: "Tên", description: "Mô tả", upload: "Tải lên",
    what: "Chương trình là gì", whatText: "Một lệnh WASI preview 1 (wasm32-wasip1): đọc một giá trị JSON từ đầu vào chuẩn và ghi một giá trị ra đầu ra chuẩn. Không có tệp, mạng hay biến môi trường; đồng hồ đứng yên và số ngẫu nhiên theo hạt giống, nên cùng đầu vào luôn cho cùng kết quả.",
    example: "Bằng Rust", use: "Dùng thế nào", useText: "Bước Mã của kịch bản nêu tên chương trình và biến nhận kết quả. Nội dung chương trình không bao giờ đổi: bản dựng mới là chương trình mới.", made: "Tải lên lúc", settings: "Cài đặt",
    bounds: "Giới hạn", bound1: "khoảng 200 triệu lệnh", bound2: "64 MiB bộ nhớ", bound3: "đọc 4 MiB, ghi 1 MiB",
  },
});
