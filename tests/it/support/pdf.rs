//! A writer of PDFs, to say in a test what a file holds.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A file under way: its objects, the first of which is the catalog and the second the tree of pages.
pub struct Pdf {
    objects: Vec<Vec<u8>>,
    /// The numbers of the pages.
    pub pages: Vec<usize>,
    /// What the pages have: fonts and forms.
    resources: String,
    /// What the trailer says beside its root.
    pub trailer: String,
}

/// Helvetica and its bold face, as `/F1` and `/F2`, without a word of their widths.
pub const FONTS: &str = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> \
    /F2 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >> >>";

impl Pdf {
    pub fn new(resources: &str) -> Self {
        Self {
            objects: vec![Vec::new(), Vec::new()],
            pages: Vec::new(),
            resources: resources.to_owned(),
            trailer: String::new(),
        }
    }

    /// Adds an object, and gives its number.
    pub fn object(&mut self, written: &str) -> usize {
        self.objects.push(written.as_bytes().to_vec());
        self.objects.len()
    }

    pub fn stream(&mut self, keys: &str, bytes: &[u8]) -> usize {
        let mut object = format!("<< {keys} /Length {} >>\nstream\n", bytes.len()).into_bytes();
        object.extend(bytes);
        object.extend(b"\nendstream");
        self.objects.push(object);
        self.objects.len()
    }

    /// Adds a page that shows what these operators say, compressed.
    pub fn page(&mut self, operators: &str) {
        let content = self.stream("/Filter /FlateDecode", &deflated(operators.as_bytes()));
        let page = format!("<< /Type /Page /Parent 2 0 R /Contents {content} 0 R >>");
        self.add_page(&page);
    }

    /// Adds an object that is a page.
    pub fn add_page(&mut self, written: &str) {
        let page = self.object(written);
        self.pages.push(page);
    }

    /// The bytes of the file, with a table of offsets as the standard wants it.
    pub fn bytes(mut self) -> Vec<u8> {
        let kids: Vec<String> = self
            .pages
            .iter()
            .map(|page| format!("{page} 0 R"))
            .collect();
        self.objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>".to_vec();
        self.objects[1] = format!(
            "<< /Type /Pages /Kids [{}] /Count {} /MediaBox [0 0 595 842] /Resources << {} >> >>",
            kids.join(" "),
            kids.len(),
            self.resources
        )
        .into_bytes();
        let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", self.objects.len() + 1);
        for (index, object) in self.objects.iter().enumerate() {
            table.push_str(&format!("{:010} 00000 n \n", bytes.len()));
            bytes.extend(format!("{} 0 obj\n", index + 1).as_bytes());
            bytes.extend(object);
            bytes.extend(b"\nendobj\n");
        }
        let at = bytes.len();
        bytes.extend(table.as_bytes());
        let trailer = format!(
            "trailer\n<< /Size {} /Root 1 0 R {} >>\nstartxref\n{at}\n%%EOF\n",
            self.objects.len() + 1,
            self.trailer
        );
        bytes.extend(trailer.as_bytes());
        bytes
    }
}

/// Lines in Helvetica, each with the name of its font, its size, and where it stands.
pub fn lines(lines: &[(&str, f64, f64, f64, &str)]) -> String {
    let lines = lines.iter().map(|(font, size, x, y, text)| {
        let text: String = text
            .chars()
            .map(|one| match one {
                '(' | ')' | '\\' => format!("\\{one}"),
                one if one.is_ascii() => one.to_string(),
                other => {
                    let other = other.to_string();
                    let (byte, ..) = encoding_rs::WINDOWS_1252.encode(&other);
                    format!("\\{:03o}", byte[0])
                }
            })
            .collect();
        format!("BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET\n")
    });
    lines.collect()
}

pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
