import ReactMarkdown from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import remarkGfm from "remark-gfm";

const STYLE = [
  "grid gap-2 wrap-anywhere [&_a]:text-accent [&_a]:underline [&_blockquote]:border-l-2 [&_blockquote]:border-line [&_blockquote]:pl-3",
  "[&_code]:rounded-sm [&_code]:bg-sunken [&_code]:px-1 [&_code]:font-mono [&_code]:text-xs [&_pre]:overflow-x-auto [&_pre]:rounded-md",
  "[&_pre]:bg-sunken [&_pre]:p-3 [&_pre_code]:p-0 [&_ul]:list-disc [&_ul]:pl-5 [&_ol]:list-decimal [&_ol]:pl-5 [&_h1]:text-lg",
  "[&_h1]:font-semibold [&_h2]:font-semibold [&_h3]:font-semibold [&_table]:w-fit [&_td]:border [&_td]:border-line [&_td]:px-2",
  "[&_th]:border [&_th]:border-line [&_th]:px-2 [&_th]:text-left",
].join(" ");

interface Node {
  type: string;
  value?: string;
  children?: Node[];
}

/** HTML becomes text before anything is sanitised: what a model wrote is to be seen, not to vanish. */
const htmlAsText = () => (tree: Node) => {
  const walk = (node: Node) => {
    if (node.type === "raw") node.type = "text";
    node.children?.forEach(walk);
  };
  walk(tree);
};

/** Pictures are named, not fetched: an address in a model's answer must not call anybody. */
export default function Rendered({ text }: { text: string }) {
  return (
    <div className={STYLE}>
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[htmlAsText, rehypeSanitize]}
        components={{
          img: ({ alt, src }) => <span className="text-muted">[{alt || String(src ?? "")}]</span>,
          a: ({ href, children }) => <a href={href} target="_blank" rel="noopener noreferrer nofollow">{children}</a>,
        }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}
