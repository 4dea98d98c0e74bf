"""How feeds name sellers, and what we call them. One name per seller, whatever the feed writes.

Only a seller that several feeds spell differently needs a line; the others keep the name their feed gives.
"""

from ingest.adapters.base import Provider

NAMES = {
    "alibaba": "Alibaba",
    "amazon-bedrock": "Amazon Bedrock",
    "anthropic": "Anthropic",
    "aws": "Amazon Bedrock",
    "azure": "Microsoft Azure",
    "azure_ai": "Microsoft Azure AI Foundry",
    "bedrock": "Amazon Bedrock",
    "bedrock_converse": "Amazon Bedrock",
    "cerebras": "Cerebras",
    "cohere": "Cohere",
    "cohere_chat": "Cohere",
    "dashscope": "Alibaba",
    "databricks": "Databricks",
    "deepinfra": "DeepInfra",
    "deepseek": "DeepSeek",
    "fireworks": "Fireworks AI",
    "fireworks-ai": "Fireworks AI",
    "fireworks_ai": "Fireworks AI",
    "gemini": "Google",
    "google": "Google",
    "groq": "Groq",
    "hyperbolic": "Hyperbolic",
    "lambda": "Lambda",
    "lambda_ai": "Lambda",
    "meta": "Meta",
    "meta-ai": "Meta",
    "meta_llama": "Meta",
    "minimax": "MiniMax",
    "mistral": "Mistral",
    "moonshot": "Moonshot AI",
    "moonshot-ai": "Moonshot AI",
    "moonshotai": "Moonshot AI",
    "nebius": "Nebius",
    "novita": "Novita",
    "novita-ai": "Novita",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "perplexity": "Perplexity",
    "qwen": "Alibaba",
    "replicate": "Replicate",
    "sambanova": "SambaNova",
    "together": "Together AI",
    "together_ai": "Together AI",
    "togetherai": "Together AI",
    "vertex_ai": "Google Vertex AI",
    "google-vertex": "Google Vertex AI",
    "x-ai": "xAI",
    "xai": "xAI",
    "z-ai": "Z.ai",
    "zai": "Z.ai",
    "zhipuai": "Zhipu AI",
}


def provider(feed_id: str, feed_name: str = "") -> Provider:
    """The seller a feed means by ``feed_id``; ``feed_name`` is used when we have no name of our own for it."""
    return Provider(id=feed_id, name=NAMES.get(feed_id) or feed_name or feed_id)
